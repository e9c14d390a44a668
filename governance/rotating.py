"""Moves stored tokens to the newest token key, in batches; one that changes meanwhile keeps its change."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.fernet import InvalidToken
from django.db.models import Q
from django.utils import timezone

from governance import tokens
from governance.models import UserToken

BATCH = 200


@dataclass(frozen=True)
class Rotated:
    """How many rows were moved, stood under the newest key already, are being refreshed, or fit no key."""

    moved: int = 0
    newest: int = 0
    busy: int = 0
    unreadable: int = 0

    def __add__(self, other: Rotated) -> Rotated:
        return Rotated(
            self.moved + other.moved,
            self.newest + other.newest,
            self.busy + other.busy,
            self.unreadable + other.unreadable,
        )


def rotate(*, batch: int = BATCH) -> Rotated:
    """Re-encrypt every stored token that the newest key did not seal. May be run again at any time."""
    total, last = Rotated(), 0
    while rows := list(UserToken.objects.filter(pk__gt=last).order_by("pk")[:batch]):
        for row in rows:
            total += _rotate(row)
        last = rows[-1].pk
    return total


def _rotate(row: UserToken) -> Rotated:
    sealed = {"access": row.access, "refresh": row.refresh}
    held = {name: bytes(value) for name, value in sealed.items() if value is not None}
    if all(tokens.sealed_by_newest(value) for value in held.values()):
        return Rotated(newest=1)
    try:
        moved = {name: tokens.reseal(value) for name, value in held.items()}
    except InvalidToken:
        return Rotated(unreadable=1)
    free = Q(refreshing_until__isnull=True) | Q(refreshing_until__lt=timezone.now())
    done = UserToken.objects.filter(free, pk=row.pk, **held).update(**moved)
    return Rotated(moved=1) if done else Rotated(busy=1)
