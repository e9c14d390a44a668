"""Connections: `first`/`after` and `last`/`before` over a list, with cursors that survive its growth."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from standins.github.graphql.errors import Refusal

T = TypeVar("T")
Key = tuple[Any, ...]
LARGEST_PAGE = 100


@dataclass(frozen=True)
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True)
class Connection(Generic[T]):
    nodes: Sequence[T]
    total_count: int
    page_info: PageInfo


@dataclass(frozen=True)
class Window:
    """The paging arguments of one field, called `field` in errors."""

    field: str
    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None


def connect(
    items: Sequence[T], window: Window, key: Callable[[T], Key] | None = None, *, reverse: bool = False
) -> Connection[T]:
    """One page of `items`, which stand in the order of `key`; without `key` their place is their name."""
    size = _size(window)
    keys = [key(item) for item in items] if key else [(number,) for number in range(len(items))]
    start, end = _bounds(keys, window, reverse)
    if window.first is not None:
        end = min(end, start + size)
    else:
        start = max(start, end - size)
    cursors = [_cursor(one) for one in keys[start:end]]
    info = PageInfo(
        has_next_page=end < len(items),
        has_previous_page=start > 0,
        start_cursor=cursors[0] if cursors else None,
        end_cursor=cursors[-1] if cursors else None,
    )
    return Connection(items[start:end], len(items), info)


def _size(window: Window) -> int:
    size = window.first if window.first is not None else window.last
    if size is None:
        raise Refusal(
            "MISSING_PAGINATION_BOUNDARIES",
            "You must provide a `first` or `last` value to properly paginate the "
            f"`{window.field}` connection.",
        )
    if window.first is not None and window.last is not None:
        raise Refusal(
            "UNPROCESSABLE", f"Give `first` or `last` of the `{window.field}` connection, not both."
        )
    if not 0 <= size <= LARGEST_PAGE:
        raise Refusal(
            "EXCESSIVE_PAGINATION",
            f"Requesting {size} records on the `{window.field}` connection exceeds the limit of 100 records.",
        )
    return size


def _bounds(keys: Sequence[Key], window: Window, reverse: bool) -> tuple[int, int]:
    after = _key(window.after) if window.after else None
    before = _key(window.before) if window.before else None
    start = sum(1 for one in keys if not _beyond(one, after, reverse)) if after else 0
    end = sum(1 for one in keys if _beyond(before, one, reverse)) if before else len(keys)
    return start, max(start, end)


def _beyond(one: Key, other: Key | None, reverse: bool) -> bool:
    """Whether `one` stands behind `other` in this order."""
    if other is None:
        return True
    return one < other if reverse else one > other


def _cursor(key: Key) -> str:
    return base64.b64encode(json.dumps(key).encode()).decode()


def _key(cursor: str) -> Key:
    try:
        found = json.loads(base64.b64decode(cursor, validate=True))
        return tuple(found)
    except (binascii.Error, ValueError, TypeError) as error:
        raise Refusal(
            "INVALID_CURSOR_ARGUMENTS", f"`{cursor}` does not appear to be a valid cursor."
        ) from error
