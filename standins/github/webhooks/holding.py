"""Deliveries that a switch holds back: for a while, or until another has overtaken them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

from standins.github.store import Delivery


@dataclass(frozen=True)
class _Kept:
    delivery: Delivery
    until: float
    until_overtaken: bool


@dataclass
class Held:
    """Of one App, in the order in which they were held back. Used by one thread."""

    _kept: list[_Kept] = field(default_factory=list)

    def keep(self, delivery: Delivery, seconds: float, *, until_overtaken: bool) -> None:
        self._kept.append(_Kept(delivery, time.monotonic() + seconds, until_overtaken))

    def overtake(self) -> None:
        """Another was sent: whatever waited for that is due now."""
        self._kept = [replace(one, until=0.0) if one.until_overtaken else one for one in self._kept]

    def due(self) -> Delivery | None:
        """One whose time has come; it is held no longer."""
        for one in self._kept:
            if one.until <= time.monotonic():
                self._kept.remove(one)
                return one.delivery
        return None

    def pause(self) -> float | None:
        """Seconds until the next one is due; None where none is held."""
        if not self._kept:
            return None
        return max(0.0, min(one.until for one in self._kept) - time.monotonic())
