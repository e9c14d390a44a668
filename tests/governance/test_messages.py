"""Messages between portal and node: numbered, repeated until acknowledged, applied once, never forged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from nacl.signing import SigningKey

from governance import messages, tasks
from governance.models import InboundMessage, Node, OutboundMessage, ServiceState
from lockgate.errors import Denied
from lockgate.messages import (
    Acknowledged,
    Body,
    Envelope,
    HealthReported,
    Look,
    RunReport,
    RunsReported,
    ServiceHealth,
    ServiceReport,
    seal,
    unseal,
)
from tests.governance.world import NODE_KEY, World

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What the portal hands to the broker: recipient and wire."""
    wires: list[tuple[str, str]] = []
    monkeypatch.setattr(messages, "publish", lambda recipient, wire: wires.append((recipient, wire)))
    return wires


def from_node(body: Body, number: int = 1, key: SigningKey = NODE_KEY, sender: str = "node.north") -> str:
    return seal(Envelope(sender, "portal", number, body.kind, body.to_body(), NOW), key)


def health(state: ServiceHealth, minute: int = 0) -> HealthReported:
    at = NOW + timedelta(minutes=minute)
    return HealthReported((ServiceReport("dagster", state, at, at, "Merged requests wait."),))


def portal_key() -> Any:
    return messages._key().verify_key


def test_a_nodes_report_is_applied_and_acknowledged(world: World, sent: list[tuple[str, str]]) -> None:
    tasks.receive(from_node(health(ServiceHealth.DOWN)))
    assert ServiceState.objects.get(node__name="north", name="dagster").state == "down"
    recipient, wire = sent[-1]
    envelope = unseal(wire, portal_key(), recipient="node.north")
    assert (recipient, envelope.kind, envelope.body) == ("node.north", "acknowledged", {"number": 1})


def test_the_same_number_is_applied_once_and_acknowledged_each_time(
    world: World, sent: list[tuple[str, str]]
) -> None:
    wire = from_node(health(ServiceHealth.DOWN))
    tasks.receive(wire)
    ServiceState.objects.update(state="ok")
    tasks.receive(wire)
    assert ServiceState.objects.get(node__name="north").state == "ok"
    assert InboundMessage.objects.count() == 1
    assert len([1 for _, wire in sent if "acknowledged" in wire]) == 2


def test_an_older_report_never_overwrites_a_newer(world: World, sent: list[tuple[str, str]]) -> None:
    tasks.receive(from_node(health(ServiceHealth.OK, minute=5), number=2))
    tasks.receive(from_node(health(ServiceHealth.DOWN, minute=0), number=1))
    assert ServiceState.objects.get(node__name="north").state == "ok"


def test_a_forged_message_is_dropped(world: World, sent: list[tuple[str, str]]) -> None:
    tasks.receive(from_node(health(ServiceHealth.DOWN), key=SigningKey.generate()))
    tasks.receive(from_node(health(ServiceHealth.DOWN), sender="node.elsewhere"))
    tasks.receive("{}")
    assert not InboundMessage.objects.exists()
    assert not ServiceState.objects.filter(node__isnull=False).exists()
    assert sent == []


def test_a_node_cannot_report_for_a_project_that_it_does_not_run(
    world: World, sent: list[tuple[str, str]]
) -> None:
    run = RunReport("2026-11-23-a-aaaa", "r", "r", "SUCCESS", NOW, NOW, None, None)
    tasks.receive(from_node(RunsReported("another_project", None, NOW, (run,), {}, {})))
    assert "does not run" in InboundMessage.objects.get().problem


def test_a_message_to_a_node_is_repeated_until_it_is_acknowledged(
    world: World, sent: list[tuple[str, str]], django_capture_on_commit_callbacks: Any
) -> None:
    node = Node.objects.get()
    OutboundMessage.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        first = messages.send(to=node, body=Look("heart_study", 7))
        second = messages.send(to=node, body=Look("heart_study", 8))
    assert second.number == first.number + 1
    assert len(sent) == 2
    make_due()
    messages.deliver_due()
    assert [wire for _, wire in sent[2:]] == [first.wire, second.wire]
    tasks.receive(from_node(Acknowledged(first.number)))
    make_due()
    sent.clear()
    messages.deliver_due()
    assert [wire for _, wire in sent] == [second.wire]


def test_the_pauses_grow_to_a_minute(world: World, sent: list[tuple[str, str]]) -> None:
    message = messages.send(to=Node.objects.get(), body=Look("heart_study", None))
    pauses = []
    for attempt in range(8):
        message.attempts = attempt
        messages.deliver(message)
        message.refresh_from_db()
        pauses.append(round((message.due_at - datetime.now(UTC)).total_seconds()))
    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60]


def test_what_a_node_sends_to_another_is_not_for_the_portal(world: World) -> None:
    wire = from_node(Acknowledged(1))
    with pytest.raises(Denied):
        unseal(wire, NODE_KEY.verify_key, recipient="node.south")


def make_due() -> None:
    OutboundMessage.objects.filter(acknowledged_at__isnull=True).update(due_at=NOW - timedelta(days=400))
