"""Signed envelopes: what portal and node say to each other through the broker, which neither believes.

On the wire: `{"message": <canonical JSON text>, "signature": <base64 Ed25519 over that text>}`.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from lockgate import canonical_json
from lockgate.errors import Denied, Invalid
from lockgate.messages.bodies import read_body

MAX_WIRE = 4 * 1024 * 1024
"""Characters; more is not read. A preview of 1 MB is about 1.4 MB here."""

_ADDRESS = re.compile(r"portal|node\.[a-z][a-z0-9_]{0,39}", re.ASCII)
_KEYS = {"sender", "recipient", "number", "kind", "body", "sent_at"}
_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


@dataclass(frozen=True)
class Envelope:
    """One message. Addresses are `portal` or `node.<name>`; `number` counts up per sender and recipient.

    `body` is the plain mapping of a typed body (`Body.to_body()`), `sent_at` an aware time.
    """

    sender: str
    recipient: str
    number: int
    kind: str
    body: Mapping[str, Any]
    sent_at: datetime


def seal(envelope: Envelope, signing_key: SigningKey) -> str:
    """The signed wire text. Raises `Invalid` for an envelope that no receiver would take."""
    text = canonical_json.dumps(_plain(envelope))
    _check(envelope)
    signature = base64.b64encode(signing_key.sign(text.encode()).signature).decode()
    wire = canonical_json.dumps({"message": text, "signature": signature})
    if len(wire) > MAX_WIRE:
        raise Invalid("The message is too large for the broker.")
    return wire


def unseal(wire: str, verify_key: VerifyKey, *, recipient: str) -> Envelope:
    """The envelope, signed by this key, for this recipient and of a known kind. Raises `Denied`."""
    text, signature = _open(wire)
    try:
        verify_key.verify(text.encode(), base64.b64decode(signature, validate=True))
    except (BadSignatureError, binascii.Error, ValueError, TypeError) as error:
        raise Denied("A message was not signed by whom it names.") from error
    envelope = _envelope(text)
    if envelope.recipient != recipient:
        raise Denied(f"A message for {envelope.recipient} reached {recipient}.")
    return envelope


def claimed_sender(wire: str) -> str:
    """Whom the message says it is from: only to choose the key for `unseal`. Raises `Denied`."""
    return _envelope(_open(wire)[0]).sender


def _open(wire: str) -> tuple[str, str]:
    if len(wire) > MAX_WIRE:
        raise Denied("A message is too large.")
    match _loads(wire):
        case {"message": str(text), "signature": str(signature), **rest} if not rest:
            return text, signature
    raise Denied("A message is not a signed envelope.")


def _envelope(text: str) -> Envelope:
    value = _loads(text)
    if not isinstance(value, dict) or set(value) != _KEYS or canonical_json.dumps(value) != text:
        raise Denied("A message is not a canonical envelope.")
    try:
        sent_at = datetime.strptime(value["sent_at"], _TIME).replace(tzinfo=UTC)
        envelope = Envelope(**{**value, "sent_at": sent_at})
        _check(envelope)
    except (Invalid, TypeError, ValueError) as error:
        raise Denied(f"A message is not one that Lockgate knows: {error}") from error
    return envelope


def _check(envelope: Envelope) -> None:
    """Raises `Invalid` unless addresses, number, kind, direction and body are all good."""
    for address in (envelope.sender, envelope.recipient):
        if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
            raise Invalid("An address is neither the portal nor a node.")
    if (envelope.sender == "portal") == (envelope.recipient == "portal"):
        raise Invalid("Messages go between the portal and a node.")
    if isinstance(envelope.number, bool) or not isinstance(envelope.number, int) or envelope.number < 0:
        raise Invalid("The number of a message is not a count.")
    read_body(envelope.kind, envelope.body, from_portal=envelope.sender == "portal")


def _plain(envelope: Envelope) -> dict[str, Any]:
    return {
        "sender": envelope.sender,
        "recipient": envelope.recipient,
        "number": envelope.number,
        "kind": envelope.kind,
        "body": dict(envelope.body),
        "sent_at": envelope.sent_at.astimezone(UTC).strftime(_TIME),
    }


def _loads(text: str) -> Any:
    try:
        return canonical_json.loads(text)
    except Invalid as error:
        raise Denied("A message is not JSON.") from error
