"""A preview: one bounded page of an output, made on the node and sealed to the viewer's own key pair.

The broker carries ciphertext only: an X25519 sealed box to a key pair that the portal makes for the request.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from lockgate import canonical_json
from lockgate.errors import Denied, Invalid
from lockgate.messages.shape import from_plain, to_plain

MAX_PREVIEW = 1_000_000
"""Bytes of the unsealed JSON text."""

Cell = str | int | float | bool | None


@dataclass(frozen=True)
class Column:
    name: str
    type: str


@dataclass(frozen=True)
class TablePreview:
    """A window of rows; `first_row` counts from 1. `sha256` and `size` (bytes) are of the whole object."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total_rows: int
    first_row: int
    sha256: str
    size: int


@dataclass(frozen=True)
class ImagePreview:
    """A PNG re-encoded on the node, in base64; width and height in pixels, as sent."""

    png: str
    width: int
    height: int
    sha256: str
    size: int


@dataclass(frozen=True)
class TextPreview:
    text: str
    truncated: bool
    sha256: str
    size: int


@dataclass(frozen=True)
class NoPreview:
    """The object cannot be shown; `reason` in plain words."""

    reason: str
    sha256: str
    size: int


Preview = TablePreview | ImagePreview | TextPreview | NoPreview
_KINDS: dict[str, type[Preview]] = {
    "table": TablePreview,
    "image": ImagePreview,
    "text": TextPreview,
    "none": NoPreview,
}


def new_preview_key() -> tuple[str, str]:
    """A key pair for one preview: (private, public), each base64."""
    key = PrivateKey.generate()
    return base64.b64encode(bytes(key)).decode(), base64.b64encode(bytes(key.public_key)).decode()


def seal_preview(preview: Preview, public_key: str) -> str:
    """The preview sealed to this public key, in base64. Raises `Invalid` when it is over 1 MB."""
    text = canonical_json.dumps(preview_to_plain(preview)).encode()
    if len(text) > MAX_PREVIEW:
        raise Invalid("The preview is larger than 1 MB.", next_step="Send a smaller page.")
    try:
        box = SealedBox(PublicKey(base64.b64decode(public_key, validate=True)))
    except (binascii.Error, ValueError, CryptoError, TypeError) as error:
        raise Invalid("The key for the preview is not base64 of 32 bytes.") from error
    return base64.b64encode(box.encrypt(text)).decode()


def open_preview(sealed: str, private_key: str) -> Preview:
    """The preview sealed to this key pair. Raises `Denied` when it was sealed to another, or is none."""
    try:
        box = SealedBox(PrivateKey(base64.b64decode(private_key, validate=True)))
        text = box.decrypt(base64.b64decode(sealed, validate=True))
    except (binascii.Error, ValueError, CryptoError, TypeError) as error:
        raise Denied("The preview was not sealed to this key.") from error
    try:
        return preview_from_plain(canonical_json.loads(text))
    except Invalid as error:
        raise Denied("The node's preview is not one that Lockgate knows.") from error


def preview_to_plain(preview: Preview) -> dict[str, Any]:
    """The preview as JSON values, with its `kind`."""
    kind = next(name for name, shape in _KINDS.items() if isinstance(preview, shape))
    return {"kind": kind, **to_plain(preview)}


def preview_from_plain(value: Mapping[str, Any]) -> Preview:
    """The typed preview. Raises `Invalid`."""
    match value:
        case {"kind": str(kind), **entries} if kind in _KINDS:
            return from_plain(_KINDS[kind], entries)
    raise Invalid("The preview is of no known kind.")
