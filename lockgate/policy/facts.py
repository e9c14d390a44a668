"""The finished facts on which policy decides. Whoever gathers them has read them; policy reads nothing.

`None` always means "not read": it is never the same as "none there", and nothing is approved on it.
People are GitHub's numeric account ids; `names` is for display alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from lockgate.formats import Approvals, Governance, Kind


@dataclass(frozen=True)
class Point:
    """What an approval binds: it lapses when one of these moves."""

    pull_request: int
    base_ref: str
    merge_base: str
    head: str


@dataclass(frozen=True)
class GateRun:
    """What our own gate said, and at which point. `clean` None: it could not tell."""

    at: Point
    clean: bool | None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class RequiredCheck:
    """A check that the default branch's protection requires; `app_id` None: pinned to no App."""

    name: str
    app_id: int | None


@dataclass(frozen=True)
class CheckRun:
    """A check run as GitHub tells it; of two, the one with the higher id is the newer."""

    id: int
    name: str
    app_id: int
    head: str
    conclusion: str | None


class ReviewState(StrEnum):
    """The states that say something; a comment is no review here."""

    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"
    DISMISSED = "dismissed"


@dataclass(frozen=True)
class Review:
    """One review. `at` is the point it was given for, or None where that cannot be told."""

    id: int
    reviewer: int
    state: ReviewState
    at: Point | None
    submitted: datetime


@dataclass(frozen=True)
class Team:
    """A team's members, and how long ago GitHub confirmed them; None: never."""

    members: frozenset[int]
    age: timedelta | None


@dataclass(frozen=True)
class NodeFacts:
    """What a node's own repository says of the node and of this project there.

    `controllers`: teams in node.yaml; `account`: the node App's bot; `minimums`: from projects/<name>.yaml.
    """

    controllers: tuple[str, ...]
    account: int
    minimums: Mapping[Kind, Approvals] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """All that is known of one open pull request to a project's Code Repo.

    `governance` is that of the base's tip; `named`: the nodes that the change names (empty for code and
    policy changes); `teams` by `org/slug`; `requester` is the person who asked for the job, needed for job
    requests and results; in `commit_authors` and `pushers` a None stands for somebody GitHub does not know;
    `portal_account` is the portal App's bot, which may bring a branch up to date;
    `unread`: what could not be read, `invalid`: what was read and says nothing that holds; each a sentence
    for a person.
    """

    at: Point | None = None
    kind: Kind | None = None
    gate: GateRun | None = None
    required: tuple[RequiredCheck, ...] | None = None
    checks: tuple[CheckRun, ...] | None = None
    governance: Governance | None = None
    named: tuple[str, ...] | None = None
    nodes: Mapping[str, NodeFacts] | None = None
    teams: Mapping[str, Team] | None = None
    author: int | None = None
    requester: int | None = None
    commit_authors: frozenset[int | None] | None = None
    pushers: frozenset[int | None] | None = None
    reviews: tuple[Review, ...] | None = None
    portal_account: int | None = None
    names: Mapping[int, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()

    def name(self, account: int) -> str:
        """How to call this account in a sentence."""
        return self.names.get(account, f"account {account}")
