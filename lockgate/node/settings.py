"""The node worker's settings: environment variables, read once and refused where missing or unsafe."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from nacl.signing import SigningKey, VerifyKey

from lockgate.errors import Invalid
from lockgate.github import LOOPBACK
from lockgate.messages import read_signing_key, read_verify_key

NODE_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
KEY_PREFIX = re.compile(r"[A-Z][A-Z0-9_]{0,60}")

T = TypeVar("T")


class SettingsError(Invalid):
    """The environment cannot be started with. Waiting does not help."""


@dataclass(frozen=True)
class StorageKeys:
    access_key_id: str
    secret_access_key: str = field(repr=False)


@dataclass(frozen=True)
class Settings:
    """Who this node is, whom it believes, and where its parts are. Secrets are left out of its repr."""

    node: str
    node_repo: str
    database_url: str = field(repr=False)
    broker_url: str = field(repr=False)
    github_url: str
    app_id: int
    app_private_key: str = field(repr=False)
    message_key: SigningKey = field(repr=False)
    portal_app_id: int
    portal_message_key: VerifyKey
    data_dir: Path
    scratch_dir: Path
    sensor_dir: Path
    dagster_url: str
    allowed_addresses: frozenset[str]
    environment: Mapping[str, str] = field(repr=False)

    def storage_keys(self, prefix: str) -> StorageKeys:
        """The keys of a storage that node.yaml names by its environment prefix."""
        if not KEY_PREFIX.fullmatch(prefix) or prefix.startswith("LOCKGATE_"):
            raise SettingsError(f"{prefix!r} is no prefix for storage keys.", next_step="Correct node.yaml.")
        names = (f"{prefix}_ACCESS_KEY_ID", f"{prefix}_SECRET_ACCESS_KEY")
        values = [self.environment.get(name, "") for name in names]
        if not all(values):
            raise SettingsError(f"{names[0]} or {names[1]} is not set.", next_step="Set both for the worker.")
        return StorageKeys(values[0], values[1])


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read every variable; raises SettingsError that names all that are missing or unsafe at once."""
    environment = dict(os.environ) if environment is None else dict(environment)
    read = _Reader(environment)
    settings = Settings(
        node=read("LOCKGATE_NODE_NAME", _matching(NODE_NAME)),
        node_repo=read("LOCKGATE_NODE_REPO", _matching(REPOSITORY)),
        database_url=read("LOCKGATE_NODE_DATABASE_URL", _scheme("postgresql", "postgres")),
        broker_url=read("LOCKGATE_BROKER_URL", _scheme("pgmq", "amqp", "amqps")),
        github_url=read("LOCKGATE_GITHUB_URL", _outside_address),
        app_id=read("LOCKGATE_NODE_APP_ID", _positive),
        app_private_key=read("LOCKGATE_NODE_APP_PRIVATE_KEY_FILE", _pem_file),
        message_key=read("LOCKGATE_NODE_MESSAGE_KEY_FILE", _seed_file),
        portal_app_id=read("LOCKGATE_PORTAL_APP_ID", _positive),
        portal_message_key=read("LOCKGATE_PORTAL_MESSAGE_KEY", read_verify_key),
        data_dir=read("LOCKGATE_NODE_DATA_DIR", _folder),
        scratch_dir=read("LOCKGATE_SCRATCH_DIR", _folder),
        sensor_dir=read("LOCKGATE_SENSOR_DIR", _folder),
        dagster_url=read("LOCKGATE_DAGSTER_URL", _scheme("http", "https")).rstrip("/"),
        allowed_addresses=read("LOCKGATE_ALLOWED_ADDRESSES", _hosts),
        environment=environment,
    )
    if read.problems:
        raise SettingsError("The node worker cannot start: " + "; ".join(read.problems) + ".")
    return settings


class _Reader:
    """Reads one variable at a time and gathers what is wrong, so that it is all said at once."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.problems: list[str] = []

    def __call__(self, name: str, parse: Callable[[str], T]) -> T:
        text = self._environment.get(name, "").strip()
        try:
            if not text:
                raise ValueError("is not set")
            return parse(text)
        except (ValueError, OSError, Invalid) as problem:
            self.problems.append(f"{name} {problem}")
            return None  # type: ignore[return-value]  # never used: the caller raises when there are problems


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(f"must match {pattern.pattern}")
        return text

    return parse


def _scheme(*schemes: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if urlsplit(text).scheme not in schemes:
            raise ValueError(f"must be a {' or '.join(schemes)} address")
        return text

    return parse


def _outside_address(text: str) -> str:
    """An address outside the node: encrypted, except on loopback."""
    parts = urlsplit(text)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ValueError("must be an https address")
    return text.rstrip("/")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ValueError("must be a positive number")
    return int(text)


def _secret_file(text: str) -> str:
    path = Path(text)
    if path.stat().st_mode & 0o007:
        raise ValueError("names a file that every user of this machine can read")
    return path.read_text()


def _pem_file(text: str) -> str:
    pem = _secret_file(text)
    if "PRIVATE KEY-----" not in pem:
        raise ValueError("names a file that is no PEM private key")
    return pem


def _seed_file(text: str) -> SigningKey:
    return read_signing_key(_secret_file(text))


def _folder(text: str) -> Path:
    path = Path(text)
    if not path.is_absolute():
        raise ValueError("must be an absolute folder")
    path.mkdir(parents=True, exist_ok=True)
    return path


def _hosts(text: str) -> frozenset[str]:
    return frozenset(host.strip() for host in text.split(",") if host.strip())
