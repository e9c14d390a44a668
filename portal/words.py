"""How times, lengths of time and sizes are said. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
KINDS = {
    "job_request": "Job request",
    "result_publication": "Result publication",
    "withdrawal": "Withdrawal",
    "code_change": "Code change",
    "policy_change": "Policy change",
    "project_registration": "Project registration",
    "node_change": "Node change",
}


def clock_time(at: datetime, now: datetime) -> str:
    """`14:02 UTC` today, `23 Nov 14:02 UTC` this year, `23 Nov 2025 14:02 UTC` before."""
    at, now = at.astimezone(UTC), now.astimezone(UTC)
    if at.date() == now.date():
        return f"{at:%H:%M} UTC"
    day = f"{at.day} {at:%b}" if at.year == now.year else f"{at.day} {at:%b %Y}"
    return f"{day} {at:%H:%M} UTC"


def ago(at: datetime, now: datetime) -> str:
    """`just now`, `3 min ago`, `in 2 h`."""
    if abs(now - at) < MINUTE:
        return "just now"
    return f"{duration(now - at)} ago" if at < now else f"in {duration(at - now)}"


def duration(length: timedelta) -> str:
    """The largest unit alone: `40 s`, `3 min`, `2 h`, `1 day`, `5 days`."""
    for unit, word in ((DAY, "day"), (HOUR, "h"), (MINUTE, "min")):
        if length >= unit:
            count = length // unit
            return f"{count} {word}s" if word == "day" and count > 1 else f"{count} {word}"
    return f"{max(0, int(length.total_seconds()))} s"


def bytes_in_words(count: int) -> str:
    """`1 byte`, `512 bytes`, `48 KB`, `1.5 MB`; decimal units."""
    if count < 1000:
        return "1 byte" if count == 1 else f"{count} bytes"
    power = min((len(str(count)) - 1) // 3, 4)
    size = count / 1000**power
    unit = ("KB", "MB", "GB", "TB")[power - 1]
    return f"{size:.1f} {unit}" if size < 10 and round(size, 1) != round(size) else f"{size:.0f} {unit}"


def kind_in_words(kind: str) -> str:
    return KINDS.get(kind, "Change")
