"""Reports go out when they say something new, and now and then to show that the node is alive."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from lockgate import canonical_json
from lockgate.messages import Body
from lockgate.node.database import Connection
from lockgate.node.exchange.outbox import Outbox

HEARTBEAT = timedelta(seconds=60)
NEVER = timedelta(days=36500)
MOMENTS = frozenset({"at", "checked"})


def report(
    connection: Connection, outbox: Outbox, topic: str, body: Body, *, heartbeat: timedelta | None = HEARTBEAT
) -> bool:
    """Post `body` where it differs from what was last said of `topic`, or the heartbeat is due.

    The times at which something was looked at (`at`, `checked`) are no news by themselves.
    """
    digest = hashlib.sha256(canonical_json.dumps(_without_moments(body.to_body())).encode()).hexdigest()
    written = connection.execute(
        "INSERT INTO report (topic, digest) VALUES (%(topic)s, %(digest)s)"
        " ON CONFLICT (topic) DO UPDATE SET digest = excluded.digest, sent_at = now()"
        " WHERE report.digest <> excluded.digest OR report.sent_at <= now() - %(heartbeat)s::interval",
        {"topic": topic, "digest": digest, "heartbeat": NEVER if heartbeat is None else heartbeat},
    )
    if written.rowcount == 0:
        return False
    outbox.post(connection, body, topic=topic)
    return True


def _without_moments(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_moments(entry) for key, entry in value.items() if key not in MOMENTS}
    if isinstance(value, list | tuple):
        return [_without_moments(entry) for entry in value]
    return value
