"""The demo's keys and secrets: made once, at random, kept in files only their owner reads."""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from nacl.signing import SigningKey


@dataclass(frozen=True)
class Secrets:
    """Random words that the parts share in pairs."""

    mark: str
    postgres: str
    portal_database: str
    broker_database: str
    node_database: str
    dagster_database: str
    django: str
    token_key: str
    client_id: str
    client_secret: str
    webhook_secret: str
    maintainer_token: str
    researcher_token: str
    node_store_key: str
    node_store_secret: str
    portal_store_key: str
    portal_store_secret: str


@dataclass(frozen=True)
class MessageKey:
    """An Ed25519 pair: the seed stays in a file, the public half travels."""

    file: Path
    public: str


@dataclass(frozen=True)
class Keys:
    secrets: Secrets
    portal_app: Path
    node_app: Path
    portal_messages: MessageKey
    node_messages: MessageKey


def prepare(folder: Path) -> Keys:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Keys(
        secrets=_secrets(folder / "secrets.json"),
        portal_app=_app_key(folder / "portal-app.pem"),
        node_app=_app_key(folder / "node-app.pem"),
        portal_messages=_message_key(folder / "portal-messages"),
        node_messages=_message_key(folder / "node-messages"),
    )


def _secrets(file: Path) -> Secrets:
    if not file.exists():
        words = {name: secrets.token_hex(20) for name in Secrets.__dataclass_fields__}
        words["token_key"] = Fernet.generate_key().decode()
        words["client_id"] = "Iv1." + secrets.token_hex(8)
        words |= {f"{login}_token": "ghp_" + secrets.token_hex(18) for login in ("maintainer", "researcher")}
        _write(file, json.dumps(asdict(Secrets(**words)), indent=2).encode())
    return Secrets(**json.loads(file.read_text()))


def _app_key(file: Path) -> Path:
    if not file.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        _write(
            file,
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.TraditionalOpenSSL,
                serialization.NoEncryption(),
            ),
        )
    return file


def _message_key(file: Path) -> MessageKey:
    if not file.exists():
        _write(file, base64.b64encode(secrets.token_bytes(32)))
    signing = SigningKey(base64.b64decode(file.read_bytes()))
    return MessageKey(file, base64.b64encode(bytes(signing.verify_key)).decode())


def _write(file: Path, content: bytes) -> None:
    """Whole or not at all: a stop in the middle leaves no half key."""
    draft = file.with_suffix(file.suffix + ".new")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(content)
    draft.rename(file)
