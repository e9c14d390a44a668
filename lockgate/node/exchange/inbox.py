"""Messages from the portal: known kinds only, signed by the portal, each number applied once."""

from __future__ import annotations

from dataclasses import dataclass

from nacl.signing import VerifyKey

from lockgate.errors import Denied
from lockgate.messages import Acknowledged, Body, Envelope, Look, PreviewWanted, read_body, unseal
from lockgate.node.database import Connection, Database
from lockgate.node.exchange.outbox import PORTAL, Outbox, mark_acknowledged


@dataclass(frozen=True)
class Inbox:
    """Takes wire texts addressed to this node."""

    node: str
    portal_key: VerifyKey
    database: Database
    outbox: Outbox

    def receive(self, wire: str) -> Body:
        """Verify, apply once, acknowledge always. Raises `Denied` for what the portal did not sign for us."""
        envelope = unseal(wire, self.portal_key, recipient=f"node.{self.node}")
        if envelope.sender != PORTAL:
            raise Denied(f"A message from {envelope.sender} reached this node.")
        body = read_body(envelope.kind, envelope.body, from_portal=True)
        with self.database.transaction() as connection:
            if isinstance(body, Acknowledged):
                mark_acknowledged(connection, body.number)
                return body
            if _is_new(connection, envelope):
                _apply(connection, body)
        self.outbox.acknowledge(envelope.number)
        return body


def _is_new(connection: Connection, envelope: Envelope) -> bool:
    inserted = connection.execute(
        "INSERT INTO inbound_message (sender, number, kind) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        [envelope.sender, envelope.number, envelope.kind],
    )
    return inserted.rowcount == 1


def _apply(connection: Connection, body: Body) -> None:
    match body:
        case Look():
            connection.execute(
                "INSERT INTO look (project) VALUES (%s) ON CONFLICT (project) DO UPDATE SET asked_at = now()",
                [body.project],
            )
        case PreviewWanted():
            connection.execute(
                "INSERT INTO preview"
                " (id, project, pull_request, head, path, page, viewer, public_key, expires_at)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
                [
                    body.preview,
                    body.project,
                    body.pull_request,
                    body.head,
                    body.path,
                    body.page,
                    body.viewer,
                    body.public_key,
                    body.expires_at,
                ],
            )
