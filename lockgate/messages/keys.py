"""Message keys as they stand in settings and in node.yaml: base64 of 32 bytes of Ed25519."""

from __future__ import annotations

import base64
import binascii

from nacl.signing import SigningKey, VerifyKey

from lockgate.errors import Invalid

_SIZE = 32


def read_signing_key(text: str) -> SigningKey:
    """The signing key of a seed in base64. Raises `Invalid`; the error never quotes the key."""
    return SigningKey(_bytes(text, "signing key"))


def read_verify_key(text: str) -> VerifyKey:
    """The verify key in base64, as `message_key` of node.yaml has it. Raises `Invalid`."""
    return VerifyKey(_bytes(text, "message key"))


def write_verify_key(key: SigningKey) -> str:
    """The public half of a signing key, in base64."""
    return base64.b64encode(bytes(key.verify_key)).decode()


def _bytes(text: str, what: str) -> bytes:
    try:
        raw = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != _SIZE:
        raise Invalid(f"The {what} is not base64 of {_SIZE} bytes.", next_step="Set it again from its file.")
    return raw
