"""Times in files: UTC, as text that sorts."""

from __future__ import annotations

from datetime import UTC, datetime

from lockgate.errors import Invalid


def stamp(time: datetime) -> str:
    """A time as text with Z, to the microsecond where it has any."""
    return time.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def moment(text: str) -> datetime:
    """The time of a `stamp`. Raises Invalid for a day that is in no calendar."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as error:
        raise Invalid("This time is in no calendar.") from error
