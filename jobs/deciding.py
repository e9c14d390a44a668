"""What a viewer can decide on a pull request, and where they cannot, why, in words for the page.

The act itself asks GitHub and policy again.
"""

from __future__ import annotations

from dataclasses import dataclass

from governance.eligibility import (
    is_behind,
    why_not_approve,
    why_not_bring_up_to_date,
    why_not_merge,
    why_on_github,
)
from governance.models import Person, PullRequest, Review
from jobs.reading import facts_of
from jobs.states import State, pull_state

OPEN_TO_VOTES = frozenset(
    {State.AWAITING_REVIEW, State.OUTPUTS_IN_REVIEW, State.READY_TO_MERGE, State.CHANGES_REQUESTED}
)
NOT_NOW: dict[State, str] = {
    State.CHECKING: "The checks are not through yet. You can decide once they are.",
    State.CHECKS_FAILED: "The checks failed. This has to be fixed before anybody can decide.",
    State.MERGING: "This is being merged.",
    State.OUTCOME_UNKNOWN: "Lockgate is looking up what happened on GitHub; decide once that is known.",
    State.REJECTED: "This was rejected.",
    State.CANCELLED: "This was cancelled.",
    State.CLOSED: "This was closed without a merge.",
}


@dataclass(frozen=True)
class Standing:
    """What the viewer can do here; the reasons are empty where the act is open to them."""

    state: State
    head: str
    approved: bool
    why_not_approve: str
    why_not_merge: str
    why_on_github: str
    may_bring_up_to_date: bool

    @property
    def ready(self) -> bool:
        return self.state is State.READY_TO_MERGE

    @property
    def may_approve(self) -> bool:
        return not self.why_not_approve and not self.approved

    @property
    def may_request_changes(self) -> bool:
        return not self.why_not_approve

    @property
    def may_merge(self) -> bool:
        return not self.why_not_merge

    @property
    def may_merge_on_github(self) -> bool:
        """All is there to merge it, and it is merged there."""
        return self.ready and bool(self.why_on_github) and self.why_not_merge == self.why_on_github


def standing_of(person: Person, pull: PullRequest) -> Standing:
    """The viewer's standing; `pull` as `jobs.reading` brings it, with its reviews."""
    state = pull_state(facts_of(pull))
    return Standing(
        state=state,
        head=pull.head_sha,
        approved=_approved(pull, person),
        why_not_approve=_over(pull, state) or why_not_approve(person, pull) or "",
        why_not_merge=_why_not_merge(person, pull, state),
        why_on_github=why_on_github(pull) if pull.state == PullRequest.State.OPEN else "",
        may_bring_up_to_date=is_behind(pull) and why_not_bring_up_to_date(person, pull) is None,
    )


def _over(pull: PullRequest, state: State) -> str:
    """Why nobody can decide now; empty where somebody can."""
    if pull.state == PullRequest.State.MERGED:
        by = pull.merged_by.login if pull.merged_by else "somebody"
        return f"Already merged by {by}, {pull.merged_at:%H:%M} UTC."
    return "" if state in OPEN_TO_VOTES else NOT_NOW.get(state, "There is nothing to decide here now.")


def _why_not_merge(person: Person, pull: PullRequest, state: State) -> str:
    if state is not State.READY_TO_MERGE:
        return _over(pull, state) or "It can be merged once it is approved."
    return why_not_merge(person, pull) or ""


def _approved(pull: PullRequest, person: Person) -> bool:
    """Whether their newest vote approves the head as it is."""
    own = [review for review in pull.reviews.all() if review.author_id == person.pk]
    votes = [review for review in own if review.state != Review.State.COMMENTED]
    newest = max(votes, key=lambda review: review.submitted_at, default=None)
    return newest is not None and newest.state == "approved" and newest.head_sha == pull.head_sha
