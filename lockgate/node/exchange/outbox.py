"""Messages to the portal: written with the change they tell of, sent until acknowledged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from nacl.signing import SigningKey

from lockgate.messages import Acknowledged, Body, Envelope, seal
from lockgate.node.database import Connection, Database

PORTAL = "portal"
LONGEST_PAUSE = 60
BATCH = 50


class Broker(Protocol):
    """Carries one wire text to a queue. Raises `Unavailable` when it does not take it."""

    def send(self, queue: str, wire: str) -> None: ...


@dataclass(frozen=True)
class Outbox:
    """Sealed messages of this node. `clock` gives an aware time."""

    node: str
    key: SigningKey
    broker: Broker
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def post(
        self,
        connection: Connection,
        body: Body,
        *,
        topic: str | None = None,
        expires_at: datetime | None = None,
    ) -> int:
        """Write a message in the caller's transaction and return its number; the next turn sends it.

        A message of a `topic` takes the place of earlier ones of it that the portal does not have yet.
        """
        if topic is not None:
            connection.execute(_REPLACED, [topic])
        row = connection.execute("SELECT nextval('outbound_number')").fetchone()
        assert row is not None
        number: int = row[0]
        connection.execute(
            "INSERT INTO outbound_message (number, kind, topic, wire, expires_at)"
            " VALUES (%s, %s, %s, %s, %s)",
            [number, body.kind, topic, self._seal(number, body), expires_at],
        )
        return number

    def send_due(self, database: Database) -> int:
        """Send a batch of what is due; each counts as tried before it is sent, so a crash only repeats it."""
        with database.transaction() as connection:
            connection.execute(_EXPIRED)
            due = connection.execute(_CLAIM, {"longest": LONGEST_PAUSE, "batch": BATCH}).fetchall()
        for _, wire in sorted(due):
            self.broker.send(PORTAL, wire)
        return len(due)

    def acknowledge(self, number: int) -> None:
        """Tell the portal that its message is stored here; lost ones are told again when it repeats."""
        self.broker.send(PORTAL, self._seal(number, Acknowledged(number)))

    def _seal(self, number: int, body: Body) -> str:
        envelope = Envelope(f"node.{self.node}", PORTAL, number, body.kind, body.to_body(), self.clock())
        return seal(envelope, self.key)


def mark_acknowledged(connection: Connection, number: int) -> None:
    """The portal has it: keep the row as a record, without what it carried."""
    connection.execute(
        "UPDATE outbound_message SET acknowledged_at = now(), wire = ''"
        " WHERE number = %s AND acknowledged_at IS NULL",
        [number],
    )


def forget_old(connection: Connection) -> None:
    """Drop messages that are long settled; a number of the portal's is kept longer than it is repeated."""
    connection.execute("DELETE FROM outbound_message WHERE acknowledged_at < now() - interval '1 day'")
    connection.execute("DELETE FROM inbound_message WHERE received_at < now() - interval '90 days'")
    connection.execute("DELETE FROM preview WHERE expires_at < now() - interval '90 days'")


_REPLACED = "DELETE FROM outbound_message WHERE topic = %s AND acknowledged_at IS NULL"
_EXPIRED = "DELETE FROM outbound_message WHERE expires_at < now() AND acknowledged_at IS NULL"
_CLAIM = """
UPDATE outbound_message AS message
SET attempts = attempts + 1, due_at = now() + make_interval(secs => least(%(longest)s, 2 ^ (attempts + 1)))
FROM (
    SELECT number FROM outbound_message
    WHERE acknowledged_at IS NULL AND due_at <= now()
    ORDER BY number LIMIT %(batch)s FOR UPDATE SKIP LOCKED
) AS due
WHERE message.number = due.number
RETURNING message.number, message.wire
"""
