"""Work that is due: rows with a lease, done in bounded steps. The queue only wakes; a timer takes them too.

`ask` puts a row there (asking twice asks once), `run_due` does what is due. What fails comes back
later, with growing pauses, and its last problem stands on the row.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import models, transaction
from django.utils import timezone

from governance.models import Work
from lockgate.errors import LockgateError

logger = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)
LONGEST_PAUSE = 300
Step = Callable[[str], None]
STEPS: dict[str, Step] = {}
PERIODS: dict[str, timedelta] = {}


class Gone(Exception):
    """The subject is no more; its work is dropped."""


def does(kind: str, *, every: timedelta | None = None) -> Callable[[Step], Step]:
    """Register the function that does this kind of work; it takes the subject and may be done twice.

    Work with a period comes back by itself after it was done.
    """

    def register(step: Step) -> Step:
        STEPS[kind] = step
        if every is not None:
            PERIODS[kind] = every
        return step

    return register


def ask(kind: str, subject: str, *, at: datetime | None = None) -> None:
    """Ask for work; an earlier time wins. Cheap, and safe within any transaction."""
    due = at or timezone.now()
    row, made = Work.objects.get_or_create(kind=kind, subject=subject, defaults={"due_at": due})
    if not made:
        Work.objects.filter(pk=row.pk).update(
            wanted=models.F("wanted") + 1, due_at=models.functions.Least("due_at", due)
        )


def ask_if_idle(kind: str, subject: str) -> None:
    """Ask unless it is already asked for: what failed keeps its pause."""
    Work.objects.get_or_create(kind=kind, subject=subject, defaults={"due_at": timezone.now()})


def run_due(*, seconds: float = 20.0, urgent: bool = False) -> int:
    """Do what is due until nothing is, or until the time is up; returns how many rows were done.

    What was asked for once goes before what comes back by itself; `urgent` leaves the latter out.
    """
    ends, done = time.monotonic() + seconds, 0
    while time.monotonic() < ends and (row := _take(urgent=urgent)) is not None:
        done += _do(row)
    return done


def _take(*, urgent: bool) -> Work | None:
    now = timezone.now()
    free = models.Q(leased_until__isnull=True) | models.Q(leased_until__lt=now)
    periodic = models.Q(kind__in=PERIODS)
    with transaction.atomic():
        due = Work.objects.filter(free, due_at__lte=now, kind__in=STEPS)
        if urgent:
            due = due.exclude(periodic)
        first = due.order_by(models.Case(models.When(periodic, then=1), default=0), "due_at")
        row = first.select_for_update(skip_locked=True).first()
        if row is not None:
            row.leased_until = now + LEASE
            row.save(update_fields=["leased_until"])
    return row


def _do(row: Work) -> bool:
    try:
        STEPS[row.kind](row.subject)
    except Gone:
        Work.objects.filter(pk=row.pk).delete()
        return True
    except Exception as error:  # the edge of the worker's loop: one failure stops no other work
        logger.warning(
            "%s %s: %s", row.kind, row.subject, error, exc_info=not isinstance(error, LockgateError)
        )
        _later(row, str(error))
        return False
    _finish(row)
    return True


def _finish(row: Work) -> None:
    """Done, unless it was asked for again while it was being done; what has a period comes back after it."""
    untouched = Work.objects.filter(pk=row.pk, wanted=row.wanted)
    rested = {"leased_until": None, "attempts": 0, "problem": ""}
    if row.kind in PERIODS:
        settled = untouched.update(due_at=timezone.now() + PERIODS[row.kind], **rested)
    else:
        settled, _ = untouched.delete()
    if not settled:
        Work.objects.filter(pk=row.pk).update(due_at=timezone.now(), **rested)


def _later(row: Work, problem: str) -> None:
    pause = min(2 ** min(row.attempts + 1, 10), LONGEST_PAUSE)
    Work.objects.filter(pk=row.pk).update(
        leased_until=None,
        attempts=row.attempts + 1,
        due_at=timezone.now() + timedelta(seconds=pause),
        problem=problem[:500],
    )
