"""What GitHub, the portal, Dagster and publication storage say of a project: frozen, finished, bounded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Some(Generic[T]):
    """The rows that stand longest, of so many in all."""

    shown: tuple[T, ...] = ()
    total: int = 0

    @property
    def left(self) -> int:
        return self.total - len(self.shown)


@dataclass(frozen=True)
class Said:
    """What one node says of a piece of work, in the words of the pages."""

    node: str
    says: str


@dataclass(frozen=True)
class Merge:
    """A merged pull request with the record of its decision.

    `last_word` is the decision's status; `problem` says what is wrong with the record; `lanes` what nodes
    say of its work, `published` what they say of its release.
    """

    number: int
    kind: str
    by: str
    at: datetime
    last_word: str
    problem: str = ""
    lanes: tuple[Said, ...] = ()
    published: str = ""


@dataclass(frozen=True)
class LateMerge:
    """A merge of which nothing was seen before `seen_at`, so that no record of its decision was made."""

    number: int
    by: str
    at: datetime
    seen_at: datetime


@dataclass(frozen=True)
class HeldLane:
    """Work that a node does not run or release. `in_portal`: merged there; None where nobody knows."""

    request: str
    node: str
    reason: str
    since: datetime
    is_release: bool
    number: int | None
    merged_by: str
    last_word: str
    in_portal: bool | None


@dataclass(frozen=True)
class Unstarted:
    """A merged request that a node has not started; `says` is what it told of it."""

    request: str
    number: int | None
    node: str
    since: datetime
    says: str


@dataclass(frozen=True)
class StrayRun:
    """A run whose request is not merged; `pull_state` empty: no pull request asks for it."""

    request: str
    node: str
    run: str
    status: str
    at: datetime | None
    number: int | None
    pull_state: str


@dataclass(frozen=True)
class StrayRelease:
    """A release that is not of the merge that GitHub has."""

    request: str
    node: str
    number: int
    state: str
    since: datetime
    merge: str
    pull_state: str
    pull_merge: str


@dataclass(frozen=True)
class StrayObject:
    node: str
    key: str
    size: int
    modified_at: datetime
    since: datetime


@dataclass(frozen=True)
class LostFile:
    """A file of a release that the store does not hold, or (`seen_size`) holds with another size."""

    request: str
    node: str
    number: int
    path: str
    size: int
    seen_size: int | None
    released_at: datetime


@dataclass(frozen=True)
class Unposted:
    """An open pull request whose newest check on GitHub says something else than was decided."""

    number: int
    decided: str
    decided_at: datetime
    posted: str


@dataclass(frozen=True)
class OldPull:
    number: int
    read_at: datetime


@dataclass(frozen=True)
class OldTeam:
    path: str
    confirmed_at: datetime | None


@dataclass(frozen=True)
class Trouble:
    """Work of the portal, or a write of its App, that failed so many times."""

    key: int
    what: str
    subject: str
    attempts: int
    problem: str
    due_at: datetime


@dataclass(frozen=True)
class UnknownAct:
    key: str
    what: str
    by: str
    number: int | None
    at: datetime


@dataclass(frozen=True)
class StoreRead:
    """The last listing from end to end. `unread_since`: since when there could be none."""

    read_at: datetime | None
    unread_since: datetime | None
    problem: str
    objects: int


@dataclass(frozen=True)
class NodeRead:
    """A node that runs the project. `confirmed_at` and `problem` are of its Node Repo.

    `releasing`: it is at a release, or has ended one that the last listing does not know of.
    """

    name: str
    confirmed_at: datetime | None
    problem: str
    reported_at: datetime | None
    store: StoreRead | None
    releasing: bool = False


@dataclass(frozen=True)
class Facts:
    """All that is compared of one project; `history_since`: its pull requests are being read since then."""

    name: str
    confirmed_at: datetime | None
    problem: str
    history_since: datetime | None = None
    nodes: tuple[NodeRead, ...] = ()
    merged_past: Some[Merge] = Some()
    unseen: Some[LateMerge] = Some()
    unwritten: Some[Merge] = Some()
    differing: Some[Merge] = Some()
    held: Some[HeldLane] = Some()
    unstarted: Some[Unstarted] = Some()
    runs: Some[StrayRun] = Some()
    releases: Some[StrayRelease] = Some()
    objects: Some[StrayObject] = Some()
    files: Some[LostFile] = Some()
    unposted: Some[Unposted] = Some()
    old_pulls: Some[OldPull] = Some()
    teams: tuple[OldTeam, ...] = ()
    work: tuple[Trouble, ...] = ()
    writes: tuple[Trouble, ...] = ()
    acts: Some[UnknownAct] = Some()
