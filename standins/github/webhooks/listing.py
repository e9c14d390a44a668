"""Pages of deliveries: a cursor names the delivery with which a page begins, the newest first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from standins.github.clock import moment, stamp
from standins.github.errors import ApiError, invalid
from standins.github.rest.call import Call
from standins.github.store import Delivery

KEPT_FOR = timedelta(days=3)
TRIED = ("delivered", "failed")
STATES = {"": TRIED, "success": ("delivered",), "failure": ("failed",)}
LAST = 2**62


@dataclass(frozen=True)
class Page:
    rows: list[Delivery]
    next: str | None
    previous: str | None


def page_of(call: Call, app_id: int) -> Page:
    states = STATES.get(call.query("status"))
    if states is None:
        raise invalid("Validation Failed", {"resource": "Hook", "code": "invalid", "field": "status"})
    size, start = _size(call), _start(call)
    find = partial(call.site.store.find, Delivery, app_id=app_id, state=states)
    rows = find(newest_first=True, limit=size + 1, ids=(1, start))
    rows = [row for row in rows if row.created_at >= stamp(moment() - KEPT_FOR)]
    newer = find(limit=size, ids=(start + 1, LAST))
    return Page(
        rows[:size],
        _cursor(rows[size]) if len(rows) > size else None,
        _cursor(newer[-1]) if newer else None,
    )


def _size(call: Call) -> int:
    asked = call.query("per_page", "30")
    return min(max(int(asked), 1), 100) if asked.isascii() and asked.isdigit() else 30


def _cursor(row: Delivery) -> str:
    return f"v1_{row.id}"


def _start(call: Call) -> int:
    asked = call.query("cursor")
    if not asked:
        return LAST
    found = re.fullmatch(r"v1_(\d{1,18})", asked)
    if found is None:
        raise ApiError(400, "Bad cursor")
    return int(found[1])
