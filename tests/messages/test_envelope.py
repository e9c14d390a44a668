"""Envelopes: signed, for one recipient, of known kinds, and nothing else gets through."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from nacl.signing import SigningKey

from lockgate import canonical_json
from lockgate.errors import Denied, Invalid
from lockgate.messages import (
    MAX_WIRE,
    Acknowledged,
    Envelope,
    Look,
    PreviewMade,
    claimed_sender,
    read_signing_key,
    read_verify_key,
    seal,
    unseal,
    write_verify_key,
)

PORTAL, NORTH, SOUTH = (SigningKey(bytes([number]) * 32) for number in (1, 2, 3))
MOMENT = datetime(2026, 11, 23, 9, 14, 5, 123456, tzinfo=UTC)
LOOK = Envelope("portal", "node.north", 7, "look", Look("heart_study", 12).to_body(), MOMENT)


def signed(message: Any, key: SigningKey = PORTAL) -> str:
    """Any message at all, properly signed by this key."""
    text = message if isinstance(message, str) else canonical_json.dumps(message)
    return json.dumps({"message": text, "signature": _base64(key.sign(text.encode()).signature)})


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def message(**changes: Any) -> dict[str, Any]:
    value = json.loads(json.loads(seal(LOOK, PORTAL))["message"])
    return {**value, **changes}


def test_a_sealed_envelope_comes_out_as_it_went_in() -> None:
    wire = seal(LOOK, PORTAL)
    assert unseal(wire, PORTAL.verify_key, recipient="node.north") == LOOK
    assert claimed_sender(wire) == "portal"


def test_the_same_envelope_is_always_the_same_text() -> None:
    backwards = replace(LOOK, body=dict(reversed(LOOK.body.items())))
    assert seal(LOOK, PORTAL) == seal(backwards, PORTAL)


def test_the_signature_of_another_is_denied() -> None:
    with pytest.raises(Denied, match="not signed"):
        unseal(seal(LOOK, NORTH), PORTAL.verify_key, recipient="node.north")


def test_a_node_cannot_speak_for_another_node() -> None:
    made = PreviewMade("p", None, "No such file.")
    forged = seal(Envelope("node.north", "portal", 1, made.kind, made.to_body(), MOMENT), SOUTH)
    with pytest.raises(Denied, match="not signed"):
        unseal(forged, NORTH.verify_key, recipient="portal")


def test_a_message_for_another_recipient_is_denied() -> None:
    with pytest.raises(Denied, match=r"for node\.north reached node\.south"):
        unseal(seal(LOOK, PORTAL), PORTAL.verify_key, recipient="node.south")


@given(at=some.integers(0, 10_000), letter=some.characters(codec="utf-8"))
def test_one_letter_changed_anywhere_is_denied_or_says_the_same(at: int, letter: str) -> None:
    wire = seal(LOOK, PORTAL)
    at %= len(wire)
    changed = wire[:at] + letter + wire[at + 1 :]
    try:
        assert unseal(changed, PORTAL.verify_key, recipient="node.north") == LOOK
    except Denied:
        assert changed != wire


@given(some.text())
def test_no_text_at_all_does_more_than_be_denied(text: str) -> None:
    for wire in (text, signed(text)):
        with pytest.raises(Denied):
            unseal(wire, PORTAL.verify_key, recipient="node.north")


REFUSED: list[tuple[str, Callable[[], Any]]] = [
    ("an unknown kind", lambda: message(kind="run_this")),
    ("a kind that only a node may send", lambda: message(kind="preview_made")),
    ("an unknown entry beside the known ones", lambda: message(more=1)),
    ("a missing entry", lambda: {k: v for k, v in message().items() if k != "number"}),
    ("an unknown entry in the body", lambda: message(body={**message()["body"], "command": "ls"})),
    ("a missing entry in the body", lambda: message(body={"project": "heart_study"})),
    ("a text where a number belongs", lambda: message(body={"project": "heart_study", "pull_request": "12"})),
    (
        "a truth where a number belongs",
        lambda: message(body={"project": "heart_study", "pull_request": True}),
    ),
    ("a body that is a list", lambda: message(body=[])),
    ("a negative number", lambda: message(number=-1)),
    ("a number that is a truth", lambda: message(number=True)),
    ("a sender that is nobody", lambda: message(sender="broker")),
    ("a sender that climbs", lambda: message(sender="node.../x")),
    ("a sender that is a list", lambda: message(sender=["portal"])),
    ("the portal to itself", lambda: message(recipient="portal")),
    ("a node to a node", lambda: message(sender="node.south")),
    ("a time without its zone", lambda: message(sent_at="2026-11-23T09:14:05")),
    ("a time that is a number", lambda: message(sent_at=5)),
    ("no object", lambda: [1, 2]),
    ("spaces between", lambda: json.dumps(message(), sort_keys=True)),
    ("a doubled key", lambda: canonical_json.dumps(message())[:-1] + ',"kind":"look"}'),
    ("not a number", lambda: canonical_json.dumps(message()).replace('"number":7', '"number":NaN')),
]


@pytest.mark.parametrize("make", [make for _, make in REFUSED], ids=[name for name, _ in REFUSED])
def test_what_is_well_signed_but_no_known_message_is_denied(make: Callable[[], Any]) -> None:
    with pytest.raises(Denied):
        unseal(signed(make()), PORTAL.verify_key, recipient="node.north")


@pytest.mark.parametrize(
    "wire",
    [
        "",
        "null",
        "[]",
        '{"message":"x"}',
        '{"message":"x","signature":"%%%"}',
        '{"message":"x","signature":"AAAA"}',
        '{"message":"x","signature":"AAAA","more":1}',
        '{"message":{},"signature":"AAAA"}',
        "[" * 100_000,
        "x" * (MAX_WIRE + 1),
    ],
)
def test_what_is_no_envelope_is_denied(wire: str) -> None:
    with pytest.raises(Denied):
        unseal(wire, PORTAL.verify_key, recipient="node.north")
    with pytest.raises(Denied):
        claimed_sender(wire)


@pytest.mark.parametrize(
    "envelope",
    [
        replace(LOOK, kind="unknown"),
        replace(LOOK, sender="node.south"),
        replace(LOOK, body={}),
        replace(LOOK, body={"project": "\ud800", "pull_request": None}),
        replace(LOOK, body={"project": "x" * (MAX_WIRE + 1), "pull_request": None}),
    ],
    ids=["kind", "direction", "body", "no Unicode", "too large"],
)
def test_what_a_receiver_would_deny_is_not_even_sealed(envelope: Envelope) -> None:
    with pytest.raises(Invalid):
        seal(envelope, PORTAL)


def test_both_sides_acknowledge() -> None:
    for sender, recipient in (("portal", "node.north"), ("node.north", "portal")):
        envelope = Envelope(sender, recipient, 0, "acknowledged", Acknowledged(7).to_body(), MOMENT)
        got = unseal(seal(envelope, PORTAL), PORTAL.verify_key, recipient=recipient)
        assert Acknowledged.from_body(got.body) == Acknowledged(7)


def test_keys_are_written_and_read_as_settings_hold_them() -> None:
    key = read_signing_key(_base64(bytes(PORTAL)) + "\n")
    assert key == PORTAL
    assert read_verify_key(write_verify_key(key)) == PORTAL.verify_key


@pytest.mark.parametrize("text", ["", "AAAA", "not base64!", _base64(b"x" * 33)])
def test_a_bad_key_is_refused_without_quoting_it(text: str) -> None:
    for read in (read_signing_key, read_verify_key):
        with pytest.raises(Invalid) as refused:
            read(text)
        assert not text or text not in str(refused.value)
