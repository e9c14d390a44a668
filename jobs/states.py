"""The words for where a piece of work stands, and who must act: one table for all pages.

Pure. `pull_state` and `lane_state` each walk one table of rules from the most to the
least telling; the first that holds names the state. `combine` says where a request
stands whose lanes (one for each node) have gone different ways.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lockgate.formats import Kind
from lockgate.policy import Decision, Status


class Role(StrEnum):
    """What a colour means: amber a person must act, blue a machine is at it, violet nobody knows yet."""

    GREY = "grey"
    AMBER = "amber"
    BLUE = "blue"
    GREEN = "green"
    RED = "red"
    VIOLET = "violet"


class Actor(StrEnum):
    REQUESTER = "the requester"
    ACTIONS = "GitHub Actions"
    CONTROLLER = "a controller"
    PORTAL = "Lockgate"
    NODE = "the node"
    MAINTAINER = "a maintainer"
    OTHER_REQUEST = "another request"
    EACH_LANE = "each node by itself"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Word:
    """How a state is shown. `urgency` sorts: the higher, the sooner somebody should look."""

    label: str
    role: Role
    icon: str
    acts: tuple[Actor, ...]
    urgency: int


class State(StrEnum):
    DRAFT = "draft"
    CHECKING = "checking"
    CHECKS_FAILED = "checks_failed"
    AWAITING_REVIEW = "awaiting_review"
    CHANGES_REQUESTED = "changes_requested"
    READY_TO_MERGE = "ready_to_merge"
    MERGING = "merging"
    HELD = "held"
    WAITING_FOR_NODE = "waiting_for_node"
    WAITING_FOR_RESULTS = "waiting_for_results"
    QUEUED = "queued"
    RUNNING = "running"
    COLLECTING = "collecting"
    RUN_FAILED = "run_failed"
    OUTPUTS_IN_REVIEW = "outputs_in_review"
    RELEASING = "releasing"
    RELEASE_UNFINISHED = "release_unfinished"
    RELEASED = "released"
    PARTLY_RELEASED = "partly_released"
    MERGED = "merged"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    OUTCOME_UNKNOWN = "outcome_unknown"

    @property
    def word(self) -> Word:
        return WORDS[self]

    @property
    def label(self) -> str:
        return self.word.label

    @property
    def role(self) -> str:
        return self.word.role.value

    @property
    def icon(self) -> str:
        return self.word.icon

    @property
    def acts(self) -> tuple[Actor, ...]:
        return self.word.acts

    @property
    def settled(self) -> bool:
        """Nobody has anything left to do."""
        return self.acts == (Actor.NOBODY,)

    @property
    def failed(self) -> bool:
        return self.word.role is Role.RED


WORDS: dict[State, Word] = {
    State.DRAFT: Word("Draft", Role.GREY, "dashed-circle", (Actor.REQUESTER,), 3),
    State.CHECKING: Word("Checking", Role.BLUE, "quarter-disc", (Actor.ACTIONS,), 4),
    State.CHECKS_FAILED: Word("Checks failed", Role.RED, "octagon", (Actor.REQUESTER,), 8),
    State.AWAITING_REVIEW: Word("Awaiting review", Role.AMBER, "ring", (Actor.CONTROLLER,), 6),
    State.CHANGES_REQUESTED: Word("Changes requested", Role.AMBER, "return-arrow", (Actor.REQUESTER,), 6),
    State.READY_TO_MERGE: Word("Ready to merge", Role.AMBER, "chevrons", (Actor.CONTROLLER,), 7),
    State.MERGING: Word("Merging", Role.BLUE, "chevron", (Actor.PORTAL,), 4),
    State.HELD: Word("Held: merged without approval", Role.RED, "barred-gate", (Actor.MAINTAINER,), 9),
    State.WAITING_FOR_NODE: Word(
        "Waiting for node", Role.BLUE, "hourglass", (Actor.NODE, Actor.MAINTAINER), 5
    ),
    State.WAITING_FOR_RESULTS: Word("Waiting for results", Role.BLUE, "link", (Actor.OTHER_REQUEST,), 4),
    State.QUEUED: Word("Queued", Role.BLUE, "bars", (Actor.NODE,), 4),
    State.RUNNING: Word("Running", Role.BLUE, "half-disc", (Actor.NODE,), 4),
    State.COLLECTING: Word("Collecting", Role.BLUE, "tray", (Actor.NODE,), 4),
    State.RUN_FAILED: Word("Run failed", Role.RED, "triangle", (Actor.CONTROLLER, Actor.REQUESTER), 8),
    State.OUTPUTS_IN_REVIEW: Word("Outputs in review", Role.AMBER, "eye", (Actor.CONTROLLER,), 6),
    State.RELEASING: Word("Releasing", Role.BLUE, "down-arrow", (Actor.NODE,), 4),
    State.RELEASE_UNFINISHED: Word(
        "Release unfinished", Role.RED, "broken-arrow", (Actor.NODE, Actor.MAINTAINER), 8
    ),
    State.RELEASED: Word("Released", Role.GREEN, "tick", (Actor.NOBODY,), 1),
    State.PARTLY_RELEASED: Word("Partly released", Role.GREEN, "half-tick", (Actor.EACH_LANE,), 2),
    State.MERGED: Word("Merged", Role.GREEN, "tick", (Actor.NOBODY,), 1),
    State.REJECTED: Word("Rejected", Role.GREY, "barred-disc", (Actor.NOBODY,), 0),
    State.CANCELLED: Word("Cancelled", Role.GREY, "square", (Actor.NOBODY,), 0),
    State.CLOSED: Word("Closed", Role.GREY, "slash", (Actor.NOBODY,), 0),
    State.WITHDRAWN: Word("Withdrawn", Role.GREY, "struck-disc", (Actor.NOBODY,), 0),
    State.OUTCOME_UNKNOWN: Word("Outcome unknown", Role.VIOLET, "diamond", (Actor.PORTAL,), 8),
}


class PullStatus(StrEnum):
    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


class Pressed(StrEnum):
    """An act on GitHub that has been started and has not ended, or whose outcome nobody saw."""

    NOTHING = ""
    MERGE = "merge"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class PullFacts:
    """A pull request as it was last read. `kind` is None before the first verdict.

    `closed_by_author` is None where nobody saw who closed it.
    """

    status: PullStatus
    decision: Decision | None = None
    pressed: Pressed = Pressed.NOTHING
    kind: Kind | None = None
    closed_by_author: bool | None = None

    @property
    def results(self) -> bool:
        return self.kind is Kind.RESULT_PUBLICATION

    def stuck_at(self, status: Status) -> frozenset[str]:
        """The names of the rules that say this."""
        children = self.decision.children if self.decision else ()
        return frozenset(child.rule for child in children if child.status is status)

    def is_at(self, status: Status) -> bool:
        return self.decision is not None and self.decision.status is status


PullRule = tuple[State, Callable[[PullFacts], bool]]

_CHANGES = frozenset({"no_changes_requested"})
_MACHINES = frozenset({"gate", "checks"})

PULL_RULES: tuple[PullRule, ...] = (
    (State.OUTCOME_UNKNOWN, lambda pull: pull.status is PullStatus.OPEN and pull.pressed is Pressed.UNKNOWN),
    (State.MERGING, lambda pull: pull.status is PullStatus.OPEN and pull.pressed is Pressed.MERGE),
    (State.CANCELLED, lambda pull: pull.status is PullStatus.CLOSED and pull.closed_by_author is True),
    (State.REJECTED, lambda pull: pull.status is PullStatus.CLOSED and pull.closed_by_author is False),
    (State.CLOSED, lambda pull: pull.status is PullStatus.CLOSED),
    (State.RELEASING, lambda pull: pull.status is PullStatus.MERGED and pull.results),
    (State.WAITING_FOR_NODE, lambda pull: pull.status is PullStatus.MERGED and pull.kind is Kind.JOB_REQUEST),
    (State.MERGED, lambda pull: pull.status is PullStatus.MERGED),
    (State.CHECKING, lambda pull: pull.decision is None),
    (State.OUTCOME_UNKNOWN, lambda pull: pull.is_at(Status.UNREADABLE)),
    (State.CHECKS_FAILED, lambda pull: bool(pull.stuck_at(Status.REFUSED) - _CHANGES)),
    (State.CHANGES_REQUESTED, lambda pull: pull.is_at(Status.REFUSED)),
    (State.CHECKING, lambda pull: bool(pull.stuck_at(Status.WAITING) & _MACHINES)),
    (State.READY_TO_MERGE, lambda pull: pull.is_at(Status.APPROVED)),
    (State.OUTPUTS_IN_REVIEW, lambda pull: pull.results),
    (State.AWAITING_REVIEW, lambda _pull: True),
)


def pull_state(pull: PullFacts) -> State:
    """Where one pull request stands: the first rule that holds."""
    return next(state for state, holds in PULL_RULES if holds(pull))


# What the node reports of a lane, in its words, and the state that a page shows.
LANE_STATES: dict[str, State] = {
    "waiting_for_node": State.WAITING_FOR_NODE,
    "waiting_for_results": State.WAITING_FOR_RESULTS,
    "held": State.HELD,
    "queued": State.QUEUED,
    "running": State.RUNNING,
    "run_failed": State.RUN_FAILED,
    "cancelled": State.CANCELLED,
    "collecting": State.COLLECTING,
    "collection_refused": State.RUN_FAILED,
    "in_review": State.OUTPUTS_IN_REVIEW,
    "rejected": State.REJECTED,
    "releasing": State.RELEASING,
    "release_held": State.HELD,
    "release_unfinished": State.RELEASE_UNFINISHED,
    "released": State.RELEASED,
    "withdrawn": State.WITHDRAWN,
}


def lane_state(reported: str, result: PullFacts | None = None) -> State:
    """Where a request stands on one node; while its outputs are in review, their pull request says it.

    What the node has proposed and GitHub was not yet asked about is nothing that anybody could look at.
    """
    state = LANE_STATES[reported]
    if state is not State.OUTPUTS_IN_REVIEW:
        return state
    return State.COLLECTING if result is None else pull_state(result)


def combine(lanes: Sequence[State]) -> State:
    """Where a merged request stands as a whole: what is most urgent speaks, the rest is on the lanes."""
    if not lanes:
        return State.WAITING_FOR_NODE
    unsettled = [state for state in lanes if not state.settled]
    if unsettled:
        return max(unsettled, key=lambda state: state.word.urgency)
    released = [state for state in lanes if state is State.RELEASED]
    if released and len(released) < len(lanes):
        return State.PARTLY_RELEASED
    return released[0] if released else lanes[0]


def request_state(pull: PullFacts | None, lanes: Sequence[State] = ()) -> State:
    """Where a request stands: a draft, then its pull request, then, once merged, its lanes."""
    if pull is None:
        return State.DRAFT
    if pull.status is PullStatus.MERGED:
        return combine(lanes)
    return pull_state(pull)
