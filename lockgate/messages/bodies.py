"""The bodies of the known messages. What is not listed here is refused by both sides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Self

from lockgate.errors import Invalid
from lockgate.messages.shape import from_plain, to_plain


@dataclass(frozen=True)
class Body:
    """What a message says. `kind` is its name on the wire."""

    kind: ClassVar[str]

    def to_body(self) -> dict[str, Any]:
        """Plain JSON values; times as ISO 8601 in UTC."""
        return dict(to_plain(self))

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> Self:
        """The typed body. Raises `Invalid` for missing, unknown or wrongly typed entries."""
        return from_plain(cls, body)


@dataclass(frozen=True)
class Acknowledged(Body):
    """Either way: that message has been applied. Itself neither stored nor acknowledged."""

    kind: ClassVar[str] = "acknowledged"
    number: int


# Portal to node.


@dataclass(frozen=True)
class Look(Body):
    """A hint to read GitHub again: one pull request, or the whole project."""

    kind: ClassVar[str] = "look"
    project: str
    pull_request: int | None


@dataclass(frozen=True)
class PreviewWanted(Body):
    """A controller wants to see a page of an output; `public_key` is base64 X25519 for the sealed answer.

    `page` counts from 1; `viewer` is an account id; `path` stands in the repository at `head`.
    """

    kind: ClassVar[str] = "preview_wanted"
    preview: str
    project: str
    pull_request: int
    head: str
    path: str
    page: int
    viewer: int
    public_key: str
    expires_at: datetime


# Node to portal.


@dataclass(frozen=True)
class PreviewMade(Body):
    """The sealed page in base64, or the reason why there is none."""

    kind: ClassVar[str] = "preview_made"
    preview: str
    sealed: str | None
    reason: str | None


@dataclass(frozen=True)
class RunReport:
    """One Dagster run of a request; `status` in Dagster's words, e.g. `SUCCESS`. No value of any data."""

    request: str
    run: str
    root_run: str
    status: str
    started: datetime | None
    finished: datetime | None
    failed_step: str | None
    error_class: str | None


@dataclass(frozen=True)
class RunsReported(Body):
    """All runs of a project, how far its sensor has read main, and why requests wait or are held."""

    kind: ClassVar[str] = "runs_reported"
    project: str
    cursor: str | None
    at: datetime
    runs: tuple[RunReport, ...]
    waiting: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, str] = field(default_factory=dict)


class CollectionState(StrEnum):
    COLLECTING = "collecting"
    REFUSED = "refused"
    PROPOSED = "proposed"


@dataclass(frozen=True)
class CollectionReported(Body):
    """How far the outputs of one run have come on their way to a result pull request."""

    kind: ClassVar[str] = "collection_reported"
    project: str
    request: str
    root_run: str
    state: CollectionState
    reason: str | None
    pull_request: int | None


class ReleaseState(StrEnum):
    WAITING = "waiting"
    HELD = "held"
    RELEASING = "releasing"
    UNFINISHED = "unfinished"
    RELEASED = "released"


@dataclass(frozen=True)
class ReleasedFile:
    """One published file: its path in the results folder, its hashes and its size in bytes."""

    path: str
    md5: str
    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True)
class ReleaseReported(Body):
    """How far the release of one merged result pull request has come; `files` are those verified."""

    kind: ClassVar[str] = "release_reported"
    project: str
    request: str
    pull_request: int
    merge: str
    state: ReleaseState
    reason: str | None
    files: tuple[ReleasedFile, ...]
    bytes_done: int
    bytes_total: int
    at: datetime


class ServiceHealth(StrEnum):
    OK = "ok"
    LATE = "late"
    DOWN = "down"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ServiceReport:
    """One part of the node; `effect` says in a sentence what waits for it."""

    name: str
    state: ServiceHealth
    since: datetime
    checked: datetime
    effect: str


@dataclass(frozen=True)
class HealthReported(Body):
    """The state of every part of the node."""

    kind: ClassVar[str] = "health_reported"
    services: tuple[ServiceReport, ...]


FROM_PORTAL: tuple[type[Body], ...] = (Acknowledged, Look, PreviewWanted)
FROM_NODE: tuple[type[Body], ...] = (
    Acknowledged,
    PreviewMade,
    RunsReported,
    CollectionReported,
    ReleaseReported,
    HealthReported,
)


def read_body(kind: str, body: Mapping[str, Any], *, from_portal: bool) -> Body:
    """The typed body of a known kind that this side may send. Raises `Invalid`."""
    for known in FROM_PORTAL if from_portal else FROM_NODE:
        if known.kind == kind:
            return known.from_body(body)
    side = "the portal" if from_portal else "a node"
    raise Invalid(f"No message of kind {kind!r:.60} comes from {side}.")
