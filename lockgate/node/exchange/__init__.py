"""What node and portal say to each other: an outbox that repeats, an inbox that applies each message once."""

from lockgate.node.exchange.inbox import Inbox
from lockgate.node.exchange.outbox import Broker, Outbox, forget_old
from lockgate.node.exchange.report import report

__all__ = ["Broker", "Inbox", "Outbox", "forget_old", "report"]
