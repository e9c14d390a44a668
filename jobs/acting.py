"""The act line: who must act on a piece of work, since when, and how much of the time is used. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from jobs.states import State
from lockgate.policy import Decision, Status, who_must_act

# What is said; after a bar, the sentence that follows the time.
SENTENCES: dict[State, str] = {
    State.DRAFT: "Waiting for you to send it",
    State.CHECKING: "GitHub Actions and Lockgate are checking it",
    State.CHECKS_FAILED: "Waiting for {requester} to fix it",
    State.AWAITING_REVIEW: "Waiting for {reviewers}",
    State.CHANGES_REQUESTED: "Waiting for {requester} to answer",
    State.READY_TO_MERGE: "Waiting for a controller to merge it",
    State.MERGING: "Lockgate is merging it",
    State.HELD: "Held on {nodes}: waiting for a maintainer",
    State.WAITING_FOR_NODE: "Waiting for {nodes} to take it up",
    State.WAITING_FOR_RESULTS: "Waiting for the results of another request",
    State.QUEUED: "Queued on {nodes}",
    State.RUNNING: "Running on {nodes}",
    State.COLLECTING: "{nodes} is collecting the outputs",
    State.RUN_FAILED: "The run failed on {nodes}: waiting for {requester} or a controller",
    State.OUTPUTS_IN_REVIEW: "Waiting for {reviewers} to review the outputs",
    State.RELEASING: "{nodes} is releasing the files",
    State.RELEASE_UNFINISHED: "{nodes} has not finished the release|It tries again; a maintainer looks.",
    State.RELEASED: "Released|Nobody has to act.",
    State.PARTLY_RELEASED: "Released in part|Each node goes on by itself.",
    State.MERGED: "Merged|Nobody has to act.",
    State.REJECTED: "Rejected|Nobody has to act.",
    State.CANCELLED: "Cancelled|Nobody has to act.",
    State.CLOSED: "Closed|Nobody has to act.",
    State.WITHDRAWN: "Withdrawn|Nobody has to act.",
    State.OUTCOME_UNKNOWN: "Lockgate is looking up what happened|Do not repeat it.",
}
TIMED = frozenset({State.AWAITING_REVIEW, State.OUTPUTS_IN_REVIEW, State.READY_TO_MERGE})


@dataclass(frozen=True)
class ActLine:
    """One sentence without its full stop, since when it is so, and what follows (either may be empty)."""

    state: State
    says: str
    then: str = ""
    since: datetime | None = None
    clock: str = ""
    over: bool = False
    decision: Decision | None = None
    reason: str = ""

    @property
    def over_with(self) -> bool:
        """The time is when it ended, not since when it waits."""
        return self.state.settled or self.state is State.PARTLY_RELEASED


def act_line(
    state: State,
    *,
    now: datetime,
    since: datetime | None = None,
    decision: Decision | None = None,
    nodes: Sequence[str] = (),
    requester: str = "the requester",
    days: int | None = None,
    reason: str = "",
) -> ActLine:
    """The line for a state. `days` is the project's time to decide; it runs while people must decide."""
    sentence = SENTENCES[state].format(
        requester=requester, reviewers=reviewers(decision), nodes=listed(nodes) or "the node"
    )
    says, _, then = sentence.partition("|")
    if state is State.OUTCOME_UNKNOWN and decision is not None and decision.status is Status.UNREADABLE:
        says, then = "Lockgate could not read all that decides", "It looks again by itself."
    clock, over = _clock(now - since, days) if since and days and state in TIMED else ("", False)
    return ActLine(state, says[:1].upper() + says[1:], then, since, clock, over, decision, reason)


def reviewers(decision: Decision | None) -> str:
    """Who must vote, by the decision itself."""
    named = who_must_act(decision) if decision is not None else ()
    return listed(named) or "a controller"


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _clock(used: timedelta, days: int) -> tuple[str, bool]:
    allowed = timedelta(days=days)
    if used > allowed:
        return f"{_length(used - allowed)} over.", True
    return f"{_length(used)} of {_length(allowed)} used.", False


def _length(length: timedelta) -> str:
    if length >= timedelta(days=1):
        return "1 day" if length.days == 1 else f"{length.days} days"
    if length >= timedelta(hours=1):
        return f"{length // timedelta(hours=1)} h"
    return f"{length // timedelta(minutes=1)} min"
