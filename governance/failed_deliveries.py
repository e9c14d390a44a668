"""Deliveries that GitHub could not hand over: kept while GitHub offers them, delivered again on wish."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from governance import audit
from governance.github import reader
from governance.github.errors import GitHubNotFound, OutcomeUnknown
from governance.github.port import Deliveries, MissedDelivery
from governance.models import Bookmark, FailedDelivery, Person
from governance.work import Gone, ask, does
from lockgate.errors import Conflict

OFFERED = timedelta(days=3)  # GitHub delivers again what is no older
LISTED_AFTER = timedelta(seconds=10)
AGAIN_AFTER = timedelta(minutes=5)  # an attempt of which GitHub's list tells nothing by then was not made
REDELIVER = "redeliver"
CUT = "deliveries beyond the list"


@transaction.atomic
def keep(said: Deliveries) -> None:
    """Write what GitHub's list says: rows of what failed, and none of what arrived or is too old.

    Where the list was cut, there are more than have rows for as long as GitHub offers them.
    """
    if said.cut:
        Bookmark.objects.update_or_create(name=CUT, defaults={"at": timezone.now()})
    rows = FailedDelivery.objects.all()
    rows.filter(guid__in=said.arrived).delete()
    rows.filter(delivered_at__lt=timezone.now() - OFFERED).delete()
    for missed in said.missed:
        _keep(missed)


def _keep(missed: MissedDelivery) -> None:
    """A later attempt that failed too may be wished for again."""
    known = FailedDelivery.objects.filter(guid=missed.guid).first()
    if known is not None and known.delivered_at >= missed.delivered_at:
        return
    said = {
        "remote_id": missed.id,
        "event": missed.event[:60],
        "status": missed.status,
        "delivered_at": missed.delivered_at,
        "asked_at": None,
        "tried_at": None,
    }
    first = {**said, "found_at": timezone.now()}
    FailedDelivery.objects.update_or_create(guid=missed.guid[:100], defaults=said, create_defaults=first)


@transaction.atomic
def ask_to_redeliver(*, delivery: int, by: Person) -> FailedDelivery:
    """Wish for one more attempt, which the worker asks GitHub for. Raises Conflict where it is over."""
    row = FailedDelivery.objects.select_for_update().filter(pk=delivery).first()
    if row is None:
        raise Conflict("This delivery has arrived, or is too old.", next_step="Nothing is left to do.")
    now = timezone.now()
    if not is_under_way(row, now):
        row.asked_at, row.tried_at = now, None
        row.save(update_fields=["asked_at", "tried_at"])
        ask(REDELIVER, str(row.pk))
    details = {"guid": row.guid, "event": row.event}
    audit.record(by=by, action="repair.redeliver", project=None, subject=row.guid, details=details)
    return row


def is_under_way(row: FailedDelivery, now: datetime) -> bool:
    """Whether somebody wished for an attempt, and its end is still to be heard of."""
    return row.asked_at is not None and (row.tried_at is None or now - row.tried_at < AGAIN_AFTER)


@does(REDELIVER)
def redeliver(subject: str) -> None:
    """Ask GitHub once for each wish; whether it did, its list tells, so that nothing is repeated blindly."""
    now = timezone.now()
    wanted = FailedDelivery.objects.filter(pk=subject, asked_at__isnull=False, tried_at__isnull=True)
    row = wanted.first()
    if row is None or not wanted.update(tried_at=now):
        raise Gone
    try:
        reader().redeliver(row.remote_id)
    except GitHubNotFound:
        row.delete()
        raise Gone from None
    except OutcomeUnknown:
        pass
    except Exception:
        FailedDelivery.objects.filter(pk=row.pk).update(tried_at=None)
        raise
    ask("missed", "github", at=now + LISTED_AFTER)
