"""The portal's configuration, read once from the environment.

Everything that is missing or unsafe is collected and refused together at start.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from lockgate.github import LOOPBACK, PUBLIC

ED25519_SEED_BYTES = 32
SHORTEST_SECRET = 32


@dataclass(frozen=True)
class Configuration:
    """What the environment said; addresses carry no slash at their end."""

    secret_key: str
    debug: bool
    url: str
    allowed_hosts: tuple[str, ...]
    database_url: str
    broker_url: str
    github_url: str
    app_id: int
    app_private_key_file: Path
    app_client_id: str
    app_client_secret: str
    webhook_secret: str
    message_key_file: Path
    token_keys: tuple[str, ...]
    node_repos: tuple[str, ...]
    data_dir: Path
    allowed_addresses: tuple[str, ...]
    administrators: tuple[int, ...]
    github_writes_apart: float  # seconds

    @property
    def secure(self) -> bool:
        return self.url.startswith("https://")


def read_configuration(env: environ.Env) -> Configuration:
    """Read and check the environment; raise ImproperlyConfigured with every problem found."""
    problems: list[str] = []
    found = Configuration(
        secret_key=_text(env, "LOCKGATE_SECRET_KEY", problems),
        debug=env.bool("LOCKGATE_DEBUG", default=False),
        url=_text(env, "LOCKGATE_URL", problems).rstrip("/"),
        allowed_hosts=tuple(env.list("LOCKGATE_ALLOWED_HOSTS", default=[])),
        database_url=_text(env, "LOCKGATE_DATABASE_URL", problems),
        broker_url=_text(env, "LOCKGATE_BROKER_URL", problems),
        github_url=_text(env, "LOCKGATE_GITHUB_URL", problems).rstrip("/"),
        app_id=_number(env, "LOCKGATE_APP_ID", problems),
        app_private_key_file=Path(_text(env, "LOCKGATE_APP_PRIVATE_KEY_FILE", problems)),
        app_client_id=_text(env, "LOCKGATE_APP_CLIENT_ID", problems),
        app_client_secret=_text(env, "LOCKGATE_APP_CLIENT_SECRET", problems),
        webhook_secret=_text(env, "LOCKGATE_WEBHOOK_SECRET", problems),
        message_key_file=Path(_text(env, "LOCKGATE_MESSAGE_KEY_FILE", problems)),
        token_keys=tuple(env.list("LOCKGATE_TOKEN_KEYS", default=[])),
        node_repos=tuple(env.list("LOCKGATE_NODE_REPOS", default=[])),
        data_dir=Path(_text(env, "LOCKGATE_DATA_DIR", problems)),
        allowed_addresses=tuple(env.list("LOCKGATE_ALLOWED_ADDRESSES", default=[])),
        administrators=tuple(_numbers(env, "LOCKGATE_ADMINISTRATORS", problems)),
        github_writes_apart=_seconds(env, "LOCKGATE_GITHUB_WRITES_APART", 1.0, problems),
    )
    problems += _unsafe(found)
    if problems:
        raise ImproperlyConfigured("The portal does not start:\n- " + "\n- ".join(problems))
    return found


def _text(env: environ.Env, name: str, problems: list[str]) -> str:
    value = env.str(name, default="").strip()
    if not value:
        problems.append(f"{name} is not set.")
    return str(value)


def _number(env: environ.Env, name: str, problems: list[str]) -> int:
    value = _text(env, name, problems)
    if value and not value.isdigit():
        problems.append(f"{name} is not a number.")
    return int(value) if value.isdigit() else 0


def _numbers(env: environ.Env, name: str, problems: list[str]) -> list[int]:
    values = env.list(name, default=[])
    if not all(value.isdigit() for value in values):
        problems.append(f"{name} holds something else than GitHub account ids (numbers).")
        return []
    return [int(value) for value in values]


def _seconds(env: environ.Env, name: str, default: float, problems: list[str]) -> float:
    value = env.str(name, default=str(default))
    try:
        found = float(value)
    except ValueError:
        found = -1.0
    if not 0 <= found <= 60:
        problems.append(f"{name} is not a number of seconds from 0 to 60.")
        return default
    return found


def _unsafe(found: Configuration) -> list[str]:
    problems = _unsafe_addresses(found) + _unsafe_secrets(found)
    if found.debug and not _is_loopback(found.url):
        problems.append("LOCKGATE_DEBUG is only for an address of this machine.")
    if not found.allowed_hosts:
        problems.append("LOCKGATE_ALLOWED_HOSTS is not set.")
    if "*" in found.allowed_hosts:
        problems.append("LOCKGATE_ALLOWED_HOSTS holds '*': name the hosts.")
    if found.github_writes_apart < 1 and not _is_loopback(found.github_url):
        problems.append("LOCKGATE_GITHUB_WRITES_APART under 1 is only for a GitHub on this machine.")
    if not found.node_repos:
        problems.append("LOCKGATE_NODE_REPOS is not set.")
    return problems


def _unsafe_addresses(found: Configuration) -> list[str]:
    problems = []
    for name, url in (("LOCKGATE_URL", found.url), ("LOCKGATE_GITHUB_URL", found.github_url)):
        if url and not url.startswith("https://") and not (url.startswith("http://") and _is_loopback(url)):
            problems.append(f"{name} must start with https:// unless it is an address of this machine.")
    if found.database_url and urlsplit(found.database_url).scheme not in ("postgres", "postgresql"):
        problems.append("LOCKGATE_DATABASE_URL must be a postgresql:// address.")
    return problems


def _unsafe_secrets(found: Configuration) -> list[str]:
    problems = []
    for name, secret in (
        ("LOCKGATE_SECRET_KEY", found.secret_key),
        ("LOCKGATE_WEBHOOK_SECRET", found.webhook_secret),
    ):
        if secret and len(secret) < SHORTEST_SECRET:
            problems.append(f"{name} is shorter than {SHORTEST_SECRET} characters.")
    if not found.token_keys or not all(_is_fernet_key(key) for key in found.token_keys):
        problems.append("LOCKGATE_TOKEN_KEYS must hold Fernet keys, the one in use first.")
    if found.app_private_key_file.name and not found.app_private_key_file.is_file():
        problems.append("LOCKGATE_APP_PRIVATE_KEY_FILE names no file.")
    if found.message_key_file.name and not _is_seed(found.message_key_file):
        problems.append("LOCKGATE_MESSAGE_KEY_FILE must hold the base64 of a 32 byte Ed25519 seed.")
    return problems


def sign_in_host(github_url: str) -> dict[str, str]:
    """What the sign-in is told of an Enterprise Server, whose API is below its own address.

    Of github.com, whose API has a host of its own, it knows all itself where it is told nothing.
    """
    return {} if github_url == PUBLIC else {"GITHUB_URL": github_url}


def _is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in LOOPBACK


def _is_fernet_key(key: str) -> bool:
    try:
        Fernet(key)
    except (ValueError, binascii.Error):
        return False
    return True


def _is_seed(path: Path) -> bool:
    try:
        return len(base64.b64decode(path.read_text().strip(), validate=True)) == ED25519_SEED_BYTES
    except (OSError, ValueError):
        return False
