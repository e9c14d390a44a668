"""Enough controllers have approved exactly this, for each node where the policy says so."""

from __future__ import annotations

from collections.abc import Iterable

from lockgate.formats import Approvals, Kind
from lockgate.policy.decision import MAINTAINERS, Decision, Status, all_of
from lockgate.policy.facts import Facts, Point, Review, ReviewState
from lockgate.policy.rule import Unread, need, rule
from lockgate.policy.voters import (
    governance_of,
    makers,
    node_controllers,
    node_facts,
    nodes_concerned,
    project_controllers,
)


@rule
def quorum(facts: Facts) -> Decision:
    """The quorum of controllers, counted for each node concerned where `per_node`."""
    asked = approvals_needed(facts)
    if asked.quorum < 1:
        return _refuse("The policy asks for no approval at all, and that is never an approval.")
    if not asked.per_node:
        return _count(facts, "the project", project_controllers(facts), asked)
    nodes = nodes_concerned(facts)
    if not nodes:
        return _refuse("No node is named, so nobody could approve for one.")
    return all_of("quorum", [_count(facts, node, node_controllers(facts, node), asked) for node in nodes])


def approvals_needed(facts: Facts) -> Approvals:
    """What governance.yaml asks for this kind, raised to the minimums of every node concerned."""
    kind = need(facts.kind, "what kind of change this is")
    asked = governance_of(facts).approvals.get(kind)
    if asked is None:
        raise Unread(f"governance.yaml does not say who approves a {_words(kind)}.", acts=MAINTAINERS)
    if asked.quorum < 1:
        return asked
    return _raised(asked, [node_facts(facts, node).minimums.get(kind) for node in nodes_concerned(facts)])


def current_reviews(facts: Facts) -> tuple[Review, ...]:
    """The newest review of each person; a later one replaces the earlier, a dismissed one says nothing."""
    newest: dict[int, Review] = {}
    for review in sorted(
        need(facts.reviews, "the reviews"), key=lambda review: (review.submitted, review.id)
    ):
        newest[review.reviewer] = review
    return tuple(newest.values())


def _raised(asked: Approvals, minimums: Iterable[Approvals | None]) -> Approvals:
    known = [asked, *(minimum for minimum in minimums if minimum is not None)]
    return Approvals(
        quorum=max(each.quorum for each in known),
        per_node=any(each.per_node for each in known),
        blinded=any(each.blinded for each in known),
    )


def _count(facts: Facts, whose: str, controllers: frozenset[int], asked: Approvals) -> Decision:
    """One quorum: votes of these controllers, each person once."""
    point = need(facts.at, "where the pull request stands")
    made = makers(facts)
    votes = [_vote(facts, review, point, controllers, made) for review in _approving(facts)]
    counted = tuple(vote for vote in votes if vote.approved)
    reason = f"{len(counted)} of {asked.quorum} approvals by controllers of {whose}."
    if len(counted) >= asked.quorum:
        return Decision(Status.APPROVED, "quorum", reason, () if asked.blinded else counted)
    acts = f"controllers of {whose}"
    if len(controllers - set(made)) < asked.quorum:
        reason += " Too few people could approve this; a maintainer adds a controller to the team on GitHub."
        acts = MAINTAINERS
    return Decision(Status.WAITING, "quorum", reason, () if asked.blinded else tuple(votes), acts)


def _approving(facts: Facts) -> tuple[Review, ...]:
    return tuple(review for review in current_reviews(facts) if review.state is ReviewState.APPROVED)


def _vote(
    facts: Facts, review: Review, point: Point, controllers: frozenset[int], made: dict[int, str]
) -> Decision:
    """Whether one approval counts, and if not, why."""
    who = facts.name(review.reviewer)
    if review.reviewer in made:
        why = f"The approval of {who} does not count: {who} {made[review.reviewer]}."
    elif review.reviewer not in controllers:
        why = f"The approval of {who} does not count here: {who} is not one of these controllers."
    elif moved := _moved(review.at, point):
        why = f"The approval of {who} lapsed: {moved}."
    else:
        return Decision(Status.APPROVED, "vote", f"{who} approved {point.head[:7]}.")
    return Decision(Status.WAITING, "vote", why)


def _moved(then: Point | None, now: Point) -> str:
    """What moved since the approval was given, or nothing."""
    if then is None:
        return "it cannot be told what it was given for"
    if then.pull_request != now.pull_request:
        return f"it was given for pull request {then.pull_request}"
    if then.head != now.head:
        return f"the head moved from {then.head[:7]} to {now.head[:7]}"
    if then.base_ref != now.base_ref:
        return f"the base moved from {then.base_ref} to {now.base_ref}"
    if then.merge_base != now.merge_base:
        return f"what it is compared with moved from {then.merge_base[:7]} to {now.merge_base[:7]}"
    return ""


def _words(kind: Kind) -> str:
    return kind.value.replace("_", " ")


def _refuse(reason: str) -> Decision:
    return Decision(Status.REFUSED, "quorum", reason, acts=MAINTAINERS)
