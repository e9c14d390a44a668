"""Where a thread stands among its steps, and what its viewer can do next. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from jobs.states import State

STEPS = ("Request", "Checks", "Review", "Run", "Outputs", "Release")
ASKING: dict[State, int] = {
    State.DRAFT: 0,
    State.CHECKING: 1,
    State.CHECKS_FAILED: 1,
    State.AWAITING_REVIEW: 2,
    State.CHANGES_REQUESTED: 2,
    State.READY_TO_MERGE: 2,
    State.MERGING: 2,
    State.OUTCOME_UNKNOWN: 2,
    State.REJECTED: 2,
    State.CANCELLED: 2,
    State.CLOSED: 2,
}
RUNNING: dict[State, int] = {
    State.WAITING_FOR_NODE: 3,
    State.WAITING_FOR_RESULTS: 3,
    State.QUEUED: 3,
    State.RUNNING: 3,
    State.COLLECTING: 3,
    State.RUN_FAILED: 3,
    State.HELD: 3,
    State.CANCELLED: 3,
    State.RELEASING: 5,
    State.RELEASE_UNFINISHED: 5,
    State.RELEASED: 6,
    State.PARTLY_RELEASED: 6,
    State.WITHDRAWN: 6,
}
OUTPUTS = 4


@dataclass(frozen=True)
class Step:
    name: str
    done: bool
    now: bool


def steps(state: State, *, merged: bool) -> tuple[Step, ...]:
    """The six steps with those that are done, and the one where the thread stands."""
    at = RUNNING.get(state, OUTPUTS) if merged else ASKING.get(state, 2)
    return tuple(Step(name, number < at, number == at) for number, name in enumerate(STEPS))


class Role(StrEnum):
    """What the viewer is to a thread; the first that fits."""

    REQUESTER = "requester"
    CONTROLLER = "controller"
    MAINTAINER = "maintainer"
    MEMBER = "member"


class Act(StrEnum):
    """The one filled button of a thread."""

    REVIEW = "Review"
    REVIEW_OUTPUTS = "Review the outputs"
    REPEAT = "Repeat with changes"
    OPEN_RESULTS = "Open results"
    NONE = ""


_REVIEWED = frozenset(
    {State.AWAITING_REVIEW, State.CHANGES_REQUESTED, State.READY_TO_MERGE, State.CHECKS_FAILED}
)
_OUTPUTS = frozenset({State.OUTPUTS_IN_REVIEW, State.READY_TO_MERGE, State.CHANGES_REQUESTED})
_OVER = frozenset({State.RUN_FAILED, State.CHECKS_FAILED, State.CHANGES_REQUESTED, State.REJECTED})
_OPEN = frozenset({State.RELEASED, State.PARTLY_RELEASED, State.WITHDRAWN})


def primary(state: State, role: Role, *, merged: bool) -> Act:
    """What this viewer most likely wants to do next; nothing where others must act."""
    if state in _OPEN:
        return Act.OPEN_RESULTS
    if role is Role.CONTROLLER:
        if merged:
            return Act.REVIEW_OUTPUTS if state in _OUTPUTS else Act.NONE
        return Act.REVIEW if state in _REVIEWED else Act.NONE
    if role is Role.REQUESTER and state in _OVER:
        return Act.REPEAT
    return Act.NONE
