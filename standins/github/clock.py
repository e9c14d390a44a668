"""Times as GitHub writes them: UTC, to the second, with Z; by a clock that can be put ahead of the machine's.

The clock is that of the process, so that every part of a stand-in sees one time. What callers sign
themselves (an App's JWT) is judged by the machine's clock, which is theirs too.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_ahead = timedelta()


def advance(seconds: float) -> None:
    """Put the clock ahead: tokens end, hours of rate limits begin anew, old deliveries are forgotten."""
    global _ahead
    _ahead += timedelta(seconds=seconds)


def reset() -> None:
    """The machine's time again."""
    global _ahead
    _ahead = timedelta()


def moment() -> datetime:
    return datetime.now(UTC) + _ahead


def now() -> str:
    return stamp(moment())


def later(seconds: int) -> str:
    return stamp(moment() + timedelta(seconds=seconds))


def epoch() -> float:
    """Seconds since 1970."""
    return moment().timestamp()


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def from_epoch(seconds: int) -> str:
    return stamp(datetime.fromtimestamp(seconds, UTC))


def to_epoch(moment: str) -> int:
    return int(datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp())
