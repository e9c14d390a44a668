"""Work that is due: rows with a lease, done in bounded steps. The queue only wakes; a timer takes them too.

`ask` puts a row there (asking twice asks once), `run_due` does what is due. What fails comes back
later, with growing pauses, and its last problem stands on the row.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db import connection, models, transaction
from django.utils import timezone

from governance.models import Work
from lockgate.errors import LockgateError

logger = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)
LONGEST_PAUSE = 300
SHORTEST_REST = 0.1
Step = Callable[[str], None]
ASKED = """INSERT INTO governance_work (kind, subject, wanted, due_at, attempts, problem)
SELECT kind, subject, 1, %s, 0, '' FROM unnest(%s::text[], %s::text[]) AS asked(kind, subject)
ON CONFLICT (kind, subject) """
ASKED_AGAIN = """DO UPDATE SET
wanted = governance_work.wanted + 1, due_at = least(governance_work.due_at, excluded.due_at)"""
ASKED_IF_WELL = f"{ASKED_AGAIN} WHERE governance_work.attempts = 0"
STEPS: dict[str, Step] = {}
PERIODS: dict[str, timedelta] = {}


class Gone(Exception):
    """The subject is no more; its work is dropped."""


class NotYet(Exception):
    """Nothing is wrong, but this has to wait until a time."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"Not before {until:%H:%M:%S} UTC.")
        self.until = until


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
    ask_all([(kind, subject)], at=at)


def ask_all(wanted: Iterable[tuple[str, str]], *, at: datetime | None = None) -> None:
    """Ask for several pieces of work, each a kind and a subject, in one statement."""
    _insert(wanted, at or timezone.now(), ASKED_AGAIN)


def ask_all_patiently(wanted: Iterable[tuple[str, str]]) -> None:
    """Ask for several pieces of work as `ask_all` does, but what failed keeps its pause."""
    _insert(wanted, timezone.now(), ASKED_IF_WELL)


def ask_all_if_idle(wanted: Iterable[tuple[str, str]], *, after: timedelta = timedelta()) -> None:
    """Ask for what is not asked for already: what failed keeps its pause. `after` puts the first time off."""
    _insert(wanted, timezone.now() + after, "DO NOTHING")


def failing(kind: str) -> frozenset[str]:
    """Subjects of work of this kind that failed, and comes back by itself."""
    rows = Work.objects.filter(kind=kind, attempts__gt=0)
    return frozenset(rows.values_list("subject", flat=True))


def _insert(wanted: Iterable[tuple[str, str]], due: datetime, otherwise: str) -> None:
    """In one order, so that two who ask for the same things do not wait for each other."""
    pairs = sorted(set(wanted))
    if pairs:
        kinds, subjects = ([pair[place] for pair in pairs] for place in (0, 1))
        with connection.cursor() as cursor:
            cursor.execute(ASKED + otherwise, [due, kinds, subjects])


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
    except NotYet as later:
        _rest(row, later.until)
        return True
    except Exception as error:  # the edge of the worker's loop: one failure stops no other work
        logger.warning(
            "%s %s: %s", row.kind, row.subject, error, exc_info=not isinstance(error, LockgateError)
        )
        _later(row, str(error), getattr(error, "until", None))
        return False
    _finish(row)
    return True


def _finish(row: Work) -> None:
    """Done, unless it was asked for again while it was being done; what has a period comes back after it."""
    if row.kind in PERIODS:
        _rest(row, timezone.now() + PERIODS[row.kind])
    elif not Work.objects.filter(pk=row.pk, wanted=row.wanted).delete()[0]:
        _rest(row, timezone.now())


def _rest(row: Work, until: datetime) -> None:
    """Due again then; at once where it was asked for meanwhile."""
    rows = Work.objects.filter(pk=row.pk)
    rested = {"leased_until": None, "attempts": 0, "problem": ""}
    if not rows.filter(wanted=row.wanted).update(due_at=until, **rested):
        rows.update(due_at=timezone.now(), **rested)


def _later(row: Work, problem: str, until: datetime | None) -> None:
    """A pause that grows; none where it was asked for meanwhile. No shorter than the other side asked for."""
    now, rows = timezone.now(), Work.objects.filter(pk=row.pk)
    failed = {"leased_until": None, "attempts": row.attempts + 1, "problem": problem[:500]}
    due = now + pause_after(row.attempts)
    if not rows.filter(wanted=row.wanted).update(due_at=max(due, until or due), **failed):
        rows.update(due_at=until or now, **failed)


def pause_after(attempts: int) -> timedelta:
    """How long to wait after one more failure: 2 s, 4 s, 8 s and so on, at most five minutes."""
    return timedelta(seconds=min(2 ** min(attempts + 1, 10), LONGEST_PAUSE))


def seconds_to_next(most: float) -> float:
    """How long until the next work is due; never more than `most`, and never less than a moment."""
    next_due = Work.objects.filter(leased_until__isnull=True, kind__in=STEPS).aggregate(
        at=models.Min("due_at")
    )["at"]
    if next_due is None:
        return most
    return min(most, max(SHORTEST_REST, (next_due - timezone.now()).total_seconds()))
