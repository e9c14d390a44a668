"""What GitHub could not hand over: the App's own list of webhook deliveries, newest first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from governance.github.connection import Connection
from governance.github.installation import Installations
from governance.github.port import Deliveries, MissedDelivery

LIST = "/app/hook/deliveries"
MOST = 100  # read one by one; what is beyond them the periodic pass finds


def read(connection: Connection, installations: Installations, since: datetime) -> Deliveries:
    """The deliveries since then: those of which no attempt succeeded, and which arrived."""
    token = installations.jwt()
    failed: dict[str, Any] = {}
    arrived: set[str] = set()
    newest: int | None = None
    for said in _since(connection.pages(LIST, token=token), since):
        newest = newest or said["id"]
        if 200 <= (said["status_code"] or 0) < 300:
            arrived.add(said["guid"])
        else:
            failed.setdefault(said["guid"], said)  # the last attempt stands first
    lost = [said for guid, said in failed.items() if guid not in arrived]
    missed = tuple(_read(connection, token, said) for said in reversed(lost[:MOST]))
    return Deliveries(missed, frozenset(arrived), newest, len(lost) > MOST)


def payload(connection: Connection, token: str, delivery: int) -> bytes:
    """What was sent, as it would have come; `token` is the App's own."""
    said = connection.call("GET", f"{LIST}/{delivery}", token=token)
    return json.dumps(said["request"]["payload"]).encode()


def redeliver(connection: Connection, installations: Installations, delivery: int) -> None:
    connection.call("POST", f"{LIST}/{delivery}/attempts", token=installations.jwt())


def _since(deliveries: Iterator[Any], since: datetime) -> Iterator[Any]:
    for said in deliveries:
        if datetime.fromisoformat(said["delivered_at"]) < since:
            return
        yield said


def _read(connection: Connection, token: str, said: Any) -> MissedDelivery:
    sent = payload(connection, token, said["id"])
    at = datetime.fromisoformat(said["delivered_at"])
    status = f"{said['status'] or 'no answer'} ({said['status_code'] or 'none'})"
    return MissedDelivery(said["guid"], said["event"], sent, said["id"], status[:200], at)
