"""Messages to and from nodes: numbered, signed, kept until acknowledged, applied once.

`send` within a transaction puts a message in the outbox; it goes out when the transaction commits
and again, with growing pauses, until the node acknowledges it. Apps register what they do with a
node's messages by `handles`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from typing import Any, TypeVar

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from kombu.exceptions import OperationalError
from nacl.signing import SigningKey

from governance.models import InboundMessage, Node, OutboundMessage
from lockgate.errors import Denied, Invalid
from lockgate.messages import (
    RECEIVE_TASK,
    Acknowledged,
    Body,
    Envelope,
    claimed_sender,
    read_body,
    read_signing_key,
    read_verify_key,
    seal,
    unseal,
)

logger = logging.getLogger(__name__)
PORTAL = "portal"
LONGEST_PAUSE = 60
Handler = Callable[[Node, Any], None]
AnyHandler = TypeVar("AnyHandler", bound=Callable[..., None])
_handlers: dict[str, Handler] = {}


def handles(body: type[Body]) -> Callable[[AnyHandler], AnyHandler]:
    """Register `handler(node, body)`: called within the transaction that marks the message applied.

    It must check that what the body names is the node's own. Invalid from it refuses the message for good.
    """

    def register(handler: AnyHandler) -> AnyHandler:
        _handlers[body.kind] = handler
        return handler

    return register


@transaction.atomic
def send(*, to: Node, body: Body) -> OutboundMessage:
    """Put a message for the node in the outbox."""
    Node.objects.select_for_update(no_key=True).get(pk=to.pk)  # one sender at a time counts up
    recipient = address(to)
    last = OutboundMessage.objects.filter(recipient=recipient).aggregate(Max("number"))["number__max"]
    now = timezone.now()
    envelope = Envelope(PORTAL, recipient, (last or 0) + 1, body.kind, body.to_body(), now)
    message = OutboundMessage.objects.create(
        recipient=recipient, number=envelope.number, kind=body.kind, wire=seal(envelope, _key()), due_at=now
    )
    transaction.on_commit(lambda: deliver(message))
    return message


def deliver_due(*, most: int = 100) -> int:
    """Send every message again whose time has come; returns how many."""
    due = OutboundMessage.objects.filter(acknowledged_at__isnull=True, due_at__lte=timezone.now())
    rows = list(due.order_by("recipient", "number")[:most])
    for message in rows:
        deliver(message)
    return len(rows)


def deliver(message: OutboundMessage) -> None:
    """Hand the message to the broker. Where that fails it stays due: the timer comes back to it."""
    attempts = message.attempts + 1
    pause = timedelta(seconds=min(2**attempts, LONGEST_PAUSE))
    OutboundMessage.objects.filter(pk=message.pk, acknowledged_at__isnull=True).update(
        attempts=attempts, due_at=timezone.now() + pause
    )
    publish(message.recipient, message.wire)


def publish(recipient: str, wire: str) -> None:
    try:
        current_app.send_task(RECEIVE_TASK, args=[wire], queue=recipient, retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("The broker did not take a message for %s: %s", recipient, error)


def receive(wire: str) -> None:
    """Apply a node's message, once for each number, and acknowledge it. Raises Denied for a forged one."""
    node = _claimed_node(wire)
    envelope = unseal(wire, read_verify_key(node.message_key), recipient=PORTAL)
    body = read_body(envelope.kind, envelope.body, from_portal=False)
    if isinstance(body, Acknowledged):
        OutboundMessage.objects.filter(
            recipient=address(node), number=body.number, acknowledged_at__isnull=True
        ).update(acknowledged_at=timezone.now())
        return
    _apply(node, envelope, body)
    acknowledge(node, envelope.number)


def acknowledge(node: Node, number: int) -> None:
    """Neither stored nor acknowledged itself; the node asks again where it is lost."""
    body = Acknowledged(number=number)
    envelope = Envelope(PORTAL, address(node), 0, body.kind, body.to_body(), timezone.now())
    publish(address(node), seal(envelope, _key()))


def address(node: Node) -> str:
    return f"node.{node.name}"


@transaction.atomic
def _apply(node: Node, envelope: Envelope, body: Body) -> None:
    """A message that is refused is kept with its problem; one that fails otherwise comes again."""
    message, _ = InboundMessage.objects.select_for_update().get_or_create(
        sender=envelope.sender,
        number=envelope.number,
        defaults={"kind": envelope.kind, "body": dict(envelope.body), "sent_at": envelope.sent_at},
    )
    if message.applied_at is not None:
        return
    try:
        with transaction.atomic():
            _handlers[envelope.kind](node, body)
    except (Invalid, Denied) as error:
        logger.warning("%s %s of %s refused: %s", envelope.kind, envelope.number, envelope.sender, error)
        message.problem = str(error)[:500]
    message.applied_at = timezone.now()
    message.save(update_fields=["applied_at", "problem"])


def _claimed_node(wire: str) -> Node:
    name = claimed_sender(wire).removeprefix("node.")
    node = Node.objects.filter(name=name).first()
    if node is None:
        raise Denied(f"A message says it is from node {name}, which is not known here.")
    return node


@lru_cache(maxsize=1)
def _key() -> SigningKey:
    return read_signing_key(settings.LOCKGATE.message_key_file.read_text())
