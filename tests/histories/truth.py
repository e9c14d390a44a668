"""What a portal must show of its GitHub, in a shape that neither the portal nor the local GitHub has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any


@dataclass(frozen=True)
class Review:
    id: int
    author: int
    state: str
    body: str
    commit: str
    at: str


@dataclass(frozen=True)
class Comment:
    id: int
    author: int
    body: str
    created: str
    updated: str


@dataclass(frozen=True)
class Check:
    id: int
    name: str
    app: int
    status: str
    conclusion: str
    summary: str


@dataclass(frozen=True)
class Open:
    """What counts while it is open. `kind` is empty where the gate lets it not through."""

    mergeable: bool | None
    kind: str
    pushers: list[int]
    authors: list[int]
    approved: bool
    posted: bool  # whether the portal's check on the head is green


@dataclass(frozen=True)
class Merged:
    """`decided`, `in_portal` and `recorded` (merge commit, head) are those of the decision in Git."""

    by: int | None
    commit: str
    at: str
    decided: str
    in_portal: bool | None
    recorded: tuple[str | None, str]


@dataclass(frozen=True)
class Change:
    title: str
    body: str
    author: int
    state: str
    head_ref: str
    head: str
    base_ref: str
    base: str
    merge_base: str
    created: str
    updated: str
    closed: str | None
    reviews: tuple[Review, ...]
    comments: tuple[Comment, ...]
    checks: tuple[Check, ...]
    open: Open | None
    merged: Merged | None


@dataclass(frozen=True)
class Request:
    slug: str
    title: str
    purpose: str
    job: str
    requester: int
    nodes: list[str]
    blob: str
    pull_request: int
    lanes: list[str]


@dataclass(frozen=True)
class Place:
    main: str
    node_main: str
    policy: Mapping[str, Any]
    policy_blob: str
    required: list[tuple[str, int]] | None
    job_types: list[str]


@dataclass(frozen=True)
class Truth:
    changes: Mapping[int, Change]
    requests: Mapping[str, Request]
    teams: Mapping[str, list[int]]
    rights: Mapping[int, set[str]]
    place: Place


def apart(true: Any, shown: Any, at: str = "") -> Iterator[str]:
    """Where the two differ, a line each."""
    if is_dataclass(true) and type(true) is type(shown):
        for each in fields(true):
            yield from apart(getattr(true, each.name), getattr(shown, each.name), f"{at}.{each.name}")
    elif isinstance(true, Mapping) and isinstance(shown, Mapping):
        for key in sorted(true.keys() | shown.keys(), key=str):
            yield from apart(true.get(key), shown.get(key), f"{at}[{key}]")
    elif true != shown:
        yield f"{at}: GitHub has {true!r}, the portal {shown!r}"
