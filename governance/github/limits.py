"""GitHub's limits, as its answers tell them: whether one bites, and when it takes requests again. Pure.

Source: docs, rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit: wait for
`retry-after`, else until `x-ratelimit-reset` where nothing remains, else at least a minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

REFUSED = frozenset({403, 429})
AT_LEAST = timedelta(seconds=1)
UNSAID = timedelta(minutes=1)
LONGEST = timedelta(minutes=65)  # limits are by the hour: a strange answer stops nothing for longer


def is_limit(status: int, headers: Mapping[str, str], said: str) -> bool:
    """Whether an answer refuses for a limit, primary or secondary, and not for want of rights."""
    if status not in REFUSED:
        return False
    told = "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
    return status == 429 or told or "rate limit" in said.lower()


def is_away(status: int, headers: Mapping[str, str]) -> bool:
    """Whether an answer says that for some time there will be none."""
    return status == 503 and "retry-after" in headers


def free_again(headers: Mapping[str, str], *, now: datetime) -> datetime:
    """When the next request may be made."""
    after, reset = _number(headers.get("retry-after")), _number(headers.get("x-ratelimit-reset"))
    if after is not None:
        wait = timedelta(seconds=after)
    elif reset is not None and headers.get("x-ratelimit-remaining") == "0":
        wait = datetime.fromtimestamp(reset, UTC) - now
    else:
        wait = UNSAID
    return now + min(max(wait, AT_LEAST), LONGEST)


def _number(text: str | None) -> int | None:
    """At most ten digits, so that it is a time."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 10 else None
