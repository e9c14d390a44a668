"""Rate limits, counted as GitHub documents them; they refuse nobody until they are told to bite.

Primary: points of an hour, for each caller and each of REST (`core`) and GraphQL. Secondary: points of
a minute (a read 1, a write 5) and calls that create content; in GraphQL a mutation is both. The limit of
calls at once is left out. An hour that is used up while nothing bites begins anew, so that `remaining`
never says 0 in vain.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

from standins.github.clock import epoch
from standins.github.errors import ApiError

HOUR, MINUTE = 3600, 60
LIMIT = "standin.limit"  # where the scope of a call carries the limit that a switch has it meet
DOCUMENTATION = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api"
SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    " If you reach out to GitHub Support for help, please include the request ID."
)


@dataclass(frozen=True)
class Limits:
    """`core`, `graphql`, `anonymous` are points an hour; `status` is 403 or 429, `retry_after` seconds."""

    bite: bool = False
    core: int = 5000
    graphql: int = 5000
    anonymous: int = 60
    points_a_minute: int = 900
    content_a_minute: int = 80
    content_an_hour: int = 500
    status: int = 403
    retry_after: int = 60


@dataclass(frozen=True)
class Hour:
    """What one caller has used of one resource since the hour began; `reset` is in seconds since 1970."""

    resource: str
    limit: int
    used: int
    reset: int

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)


@dataclass(frozen=True)
class _Spent:
    moment: float
    points: int
    creates: bool


class Rates:
    """The counters of one stand-in, kept in memory. Safe from any thread."""

    def __init__(self) -> None:
        self.limits = Limits()
        self._guard = threading.Lock()
        self._hours: dict[tuple[str, str], Hour] = {}
        self._recent: dict[str, deque[_Spent]] = {}

    def hour(self, caller: str, resource: str) -> Hour:
        with self._guard:
            return self._hour(caller, resource)

    def spend(self, caller: str, resource: str, points: int) -> bool:
        """Counts a call against its hour; False, and nothing counted, where that bites."""
        with self._guard:
            hour = self._hour(caller, resource)
            if hour.used + points > hour.limit:
                if self.limits.bite:
                    return False
                hour = self._fresh(caller, resource)
            self._hours[caller, resource] = replace(hour, used=hour.used + points)
            return True

    def give_back(self, caller: str, resource: str) -> None:
        """Takes a point off again: the answer was a 304."""
        with self._guard:
            hour = self._hour(caller, resource)
            self._hours[caller, resource] = replace(hour, used=max(0, hour.used - 1))

    def hurried(self, caller: str, *, writes: bool, creates: bool) -> bool:
        """Whether the secondary limits refuse this call; one that they let through is counted."""
        if not self.limits.bite:
            return False
        points, moment = 5 if writes else 1, epoch()
        with self._guard:
            recent = self._recent.setdefault(caller, deque())
            while recent and recent[0].moment <= moment - HOUR:
                recent.popleft()
            if self._over(recent, points, creates, moment):
                return True
            recent.append(_Spent(moment, points, creates))
            return False

    def _over(self, recent: Iterable[_Spent], points: int, creates: bool, moment: float) -> bool:
        of_minute = [one for one in recent if one.moment > moment - MINUTE]
        if sum(one.points for one in of_minute) + points > self.limits.points_a_minute:
            return True
        if not creates:
            return False
        return (
            sum(one.creates for one in of_minute) >= self.limits.content_a_minute
            or sum(one.creates for one in recent) >= self.limits.content_an_hour
        )

    def _hour(self, caller: str, resource: str) -> Hour:
        known = self._hours.get((caller, resource))
        if known is None or known.reset <= epoch():
            return self._fresh(caller, resource)
        return replace(known, limit=self._limit(caller, resource))

    def _fresh(self, caller: str, resource: str) -> Hour:
        return Hour(resource, self._limit(caller, resource), 0, int(epoch()) + HOUR)

    def _limit(self, caller: str, resource: str) -> int:
        if " ID " not in caller:
            return self.limits.anonymous
        return self.limits.graphql if resource == "graphql" else self.limits.core


class PrimaryLimit(ApiError):
    """The hour is used up; `x-ratelimit-reset` says when the next begins, or `seconds` from now."""

    def __init__(self, caller: str, status: int, seconds: float | None = None) -> None:
        headers = {"X-RateLimit-Remaining": "0"}
        if seconds is not None:
            headers["X-RateLimit-Reset"] = str(int(epoch() + seconds))
        message = f"API rate limit exceeded for {caller}."
        super().__init__(status, message, documentation=DOCUMENTATION, headers=headers)


class SecondaryLimit(ApiError):
    """Too much in a minute; `retry-after` says for how long to wait."""

    def __init__(self, status: int, seconds: float) -> None:
        headers = {"Retry-After": str(int(seconds))}
        super().__init__(status, SECONDARY, documentation=DOCUMENTATION, headers=headers)
