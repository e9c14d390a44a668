"""What GitHub could not hand over: the App's own list of webhook deliveries, newest first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from governance.github.connection import Connection
from governance.github.installation import Installations
from governance.github.port import MissedDelivery

LIST = "/app/hook/deliveries"
MOST = 100  # read one by one; what is beyond them the periodic pass finds


def missed(
    connection: Connection, installations: Installations, since: datetime
) -> tuple[MissedDelivery, ...]:
    """The deliveries since then of which no attempt succeeded, oldest first."""
    token = installations.jwt()
    failed: dict[str, Any] = {}
    arrived: set[str] = set()
    for said in _since(connection.pages(LIST, token=token), since):
        if 200 <= (said["status_code"] or 0) < 300:
            arrived.add(said["guid"])
        else:
            failed[said["guid"]] = said
    lost = [said for guid, said in failed.items() if guid not in arrived][:MOST]
    return tuple(_read(connection, token, said) for said in reversed(lost))


def _since(deliveries: Iterator[Any], since: datetime) -> Iterator[Any]:
    for said in deliveries:
        if datetime.fromisoformat(said["delivered_at"]) < since:
            return
        yield said


def _read(connection: Connection, token: str, said: Any) -> MissedDelivery:
    payload = connection.call("GET", f"{LIST}/{said['id']}", token=token)["request"]["payload"]
    return MissedDelivery(said["guid"], said["event"], json.dumps(payload).encode())
