"""The pace of the App's installations, over all processes: one write at a time, some time apart.

Where GitHub says that a limit is reached, every request of that installation waits, reads too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils import timezone

from governance.github.errors import RateLimited
from governance.models import Pace
from governance.work import NotYet

LEASE = timedelta(seconds=45)  # longer than any one call may take
A_MOMENT = timedelta(milliseconds=200)


@dataclass
class Turn:
    """The right to make one write now, until its lease ends; `used` once the write is tried."""

    owner: str
    until: datetime
    used: bool = False

    def use(self) -> None:
        """Make the write now: the lease begins anew for it. Raises NotYet where another has the turn since.

        What had to be read before the write may have taken longer than the lease.
        """
        now = timezone.now()
        mine = Pace.objects.filter(owner=self.owner, leased_until=self.until)
        if not mine.update(leased_until=now + LEASE):
            raise NotYet(_free_at(self.owner, now))
        self.until, self.used = now + LEASE, True


@contextmanager
def turn(owner: str) -> Iterator[Turn]:
    """Hold the installation's next write. Raises NotYet while another has it, or it is too early."""
    now = timezone.now()
    Pace.objects.get_or_create(owner=owner, defaults={"writes_from": now})
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    running = Q(paused_until__isnull=True) | Q(paused_until__lte=now)
    mine = Pace.objects.filter(free, running, owner=owner, writes_from__lte=now)
    if not mine.update(leased_until=now + LEASE):
        raise NotYet(_free_at(owner, now))
    held = Turn(owner, now + LEASE)
    try:
        yield held
    finally:
        _end(held)


def _end(turn: Turn) -> None:
    """The next write is some time after this one, whoever makes it and however long this one took."""
    rows = Pace.objects.filter(owner=turn.owner)
    if turn.used:
        later = timezone.now() + timedelta(seconds=settings.LOCKGATE.github_writes_apart)
        rows.update(writes_from=Greatest(F("writes_from"), later))
    rows.filter(leased_until=turn.until).update(leased_until=None)


def _free_at(owner: str, now: datetime) -> datetime:
    """A write that is being made ends soon, whatever its lease says: that is for one that died."""
    row = Pace.objects.get(owner=owner)
    return max(now + A_MOMENT, row.writes_from, row.paused_until or now)


def require_free(owner: str) -> None:
    """Raises RateLimited while GitHub wants nothing to be asked with this installation's token."""
    paused = Pace.objects.filter(owner=owner, paused_until__gt=timezone.now())
    until = paused.values_list("paused_until", flat=True).first()
    if until is not None:
        raise RateLimited(until)


def pause(owner: str, until: datetime) -> None:
    """Ask nothing until then; a later time that is known already stays."""
    Pace.objects.get_or_create(owner=owner, defaults={"writes_from": timezone.now()})
    Pace.objects.filter(owner=owner).update(paused_until=Greatest(F("paused_until"), until))
