"""How far the sensor has read main, and what it could not launch yet."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from lockgate.errors import Invalid

VERSION = 1


class CursorUnreadable(Invalid):
    """The cursor is not of this version. Nothing is launched, for it says what ran already."""


@dataclass(frozen=True)
class Cursor:
    """`sha` is the last commit of main that was read; `waiting` and `held` map requests to reasons.

    What waits is looked at again at each tick, the longest unseen first; what is held is so for ever.
    """

    sha: str
    waiting: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the text that Dagster keeps, in the order in which requests are looked at again."""
        return json.dumps(
            {"version": VERSION, "sha": self.sha, "waiting": dict(self.waiting), "held": dict(self.held)}
        )


def read_cursor(text: str | None, *, since: str) -> Cursor:
    """Read what Dagster kept; without any, start at `since`. Raises `CursorUnreadable`."""
    if not text:
        return Cursor(since)
    try:
        value = json.loads(text)
        if value["version"] != VERSION:
            raise ValueError
        return Cursor(str(value["sha"]), dict(value["waiting"]), dict(value["held"]))
    except (ValueError, KeyError, TypeError) as error:
        raise CursorUnreadable(
            "The sensor's cursor cannot be read, so what already ran is not known.",
            next_step="A maintainer sets the cursor; until then nothing is launched.",
        ) from error
