"""The audit chain: `record` adds a row within the caller's transaction, `verify` proves the chain whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from governance.models import AuditEvent, Person, Project

CHAIN_LOCK = 7001  # advisory lock: one writer extends the chain at a time
START = "0" * 64
PORTAL = "lockgate"


def record(
    *,
    by: Person | None,
    action: str,
    project: Project | None,
    subject: str,
    details: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Add one event, by a person or (None) by the portal itself. Call it last in the act's transaction."""
    assert connection.in_atomic_block, "an audit row stands or falls with the act it tells of"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
    last = AuditEvent.objects.order_by("-number").values("number", "hash").first()
    event = AuditEvent(
        number=last["number"] + 1 if last else 1,
        at=timezone.now(),
        account_id=by.account_id if by else None,
        login=by.login if by else PORTAL,
        action=action,
        project=project.name if project else "",
        subject=subject[:300],
        details=dict(details or {}),
        previous=last["hash"] if last else START,
    )
    event.hash = seal(event)
    event.save(force_insert=True)
    return event


def seal(event: AuditEvent) -> str:
    """SHA-256 over the canonical JSON of all the row's fields but the hash itself."""
    fields = {
        "number": event.number,
        "at": _iso(event.at),
        "account_id": event.account_id,
        "login": event.login,
        "action": event.action,
        "project": event.project,
        "subject": event.subject,
        "details": event.details,
        "previous": event.previous,
    }
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def verify() -> int | None:
    """The number of the first row that does not fit the chain; None where the chain is whole."""
    previous, number = START, 0
    for event in AuditEvent.objects.order_by("number").iterator():
        if event.number != number + 1 or event.previous != previous or event.hash != seal(event):
            return event.number
        previous, number = event.hash, event.number
    return None


def _iso(at: datetime) -> str:
    return at.astimezone(timezone.get_default_timezone()).isoformat(timespec="microseconds")
