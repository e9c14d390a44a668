"""The rules that every change to a Code Repo must meet, and `decide`, which asks them all."""

from __future__ import annotations

from lockgate.formats import Kind
from lockgate.policy.decision import LOCKGATE, MAINTAINERS, Decision, Status, all_of
from lockgate.policy.facts import CheckRun, Facts, RequiredCheck, ReviewState
from lockgate.policy.quorum import current_reviews, quorum
from lockgate.policy.rule import Rule, need, rule
from lockgate.policy.voters import node_controllers, node_facts, nodes_concerned, project_controllers

POLICY_CHECK = "lockgate/policy"
RULES_VERSION = 2
"""Raised with every change after which the same facts can give another decision or another reason."""

_NODE_REPO_KINDS = frozenset({Kind.PROJECT_REGISTRATION, Kind.NODE_CHANGE})


def decide(facts: Facts) -> Decision:
    """Whether this pull request may be merged now, with every rule's reason. Pure."""
    if facts.kind in _NODE_REPO_KINDS:
        return all_of("policy", [kind_decided_here(facts)])
    return all_of("policy", [judge(facts) for judge in RULES])


@rule
def everything_read(facts: Facts) -> Decision:
    """What could not be read, or was not valid, is never passed over."""
    if facts.invalid:
        reason = " ".join((*facts.invalid, *facts.unread))
        return Decision(Status.UNREADABLE, "everything_read", reason, acts=MAINTAINERS)
    if facts.unread:
        return Decision(Status.UNREADABLE, "everything_read", " ".join(facts.unread), acts=LOCKGATE)
    return Decision(Status.APPROVED, "everything_read", "All that the decision needs was read.")


@rule
def kind_decided_here(facts: Facts) -> Decision:
    """Node Repos have no approvals of their own yet: what nobody may approve is refused."""
    kind = need(facts.kind, "what kind of change this is")
    words = kind.value.replace("_", " ")
    if kind in _NODE_REPO_KINDS:
        return Decision(Status.REFUSED, "kind_decided_here", f"A {words} cannot be decided in Lockgate.")
    return Decision(Status.APPROVED, "kind_decided_here", f"This is a {words}.")


@rule
def gate(facts: Facts) -> Decision:
    """Our own gate is clean, at the very point where the pull request stands."""
    point, run = need(facts.at, "where the pull request stands"), facts.gate
    if run is None or run.at != point:
        reason = f"The gate has not looked at {point.head[:7]} yet."
        return Decision(Status.WAITING, "gate", reason, acts=LOCKGATE)
    said = " ".join(run.problems)
    if run.clean is None:
        return Decision(Status.UNREADABLE, "gate", f"The gate could not tell. {said}".strip(), acts=LOCKGATE)
    if not run.clean or run.problems:
        return Decision(Status.REFUSED, "gate", f"The gate refuses this. {said}".strip(), acts="the author")
    return Decision(Status.APPROVED, "gate", f"The gate found nothing to refuse at {point.head[:7]}.")


@rule
def checks(facts: Facts) -> Decision:
    """Every other check that protection requires is `success` at this head."""
    required = need(facts.required, "which checks the default branch requires")
    runs = need(facts.checks, "the check runs")
    head = need(facts.at, "where the pull request stands").head
    here = [run for run in runs if run.head == head]
    others = [check for check in required if check.name != POLICY_CHECK]
    if not others:
        reason = "The default branch requires no check of Actions: it is not protected."
        return Decision(Status.UNREADABLE, "checks", reason, acts=MAINTAINERS)
    return all_of("checks", [_check(check, here) for check in others])


def _check(required: RequiredCheck, here: list[CheckRun]) -> Decision:
    """The newest run of this name by the pinned App decides; other Apps' runs of the name are nothing."""
    label = f"check:{required.name}"
    if required.app_id is None:
        reason = f"Check {required.name} is pinned to no App, so any writer could post it."
        return Decision(Status.REFUSED, label, reason, acts=MAINTAINERS)
    runs = [run for run in here if (run.name, run.app_id) == (required.name, required.app_id)]
    newest = max(runs, key=lambda run: run.id, default=None)
    if newest is None or newest.conclusion is None:
        started = "not started" if newest is None else "not finished"
        return Decision(Status.WAITING, label, f"Check {required.name} has {started}.", acts="GitHub Actions")
    if newest.conclusion != "success":
        reason = f"Check {required.name} ended with {newest.conclusion.replace('_', ' ')}."
        return Decision(Status.REFUSED, label, reason, acts="the author")
    return Decision(Status.APPROVED, label, f"Check {required.name} succeeded.")


@rule
def makers_known(facts: Facts) -> Decision:
    """Who made the change is known, for nobody may approve their own."""
    pushers = need(facts.pushers, "who pushed to the branch")
    authors = need(facts.commit_authors, "who wrote the commits")
    for accounts, did in ((pushers, "pushed to the branch"), (authors, "wrote the commits")):
        if not accounts:
            return Decision(
                Status.UNREADABLE, "makers_known", f"GitHub names nobody who {did}.", acts=LOCKGATE
            )
        if None in accounts:
            reason = f"Somebody whom GitHub does not know {did}, so nobody can be told apart from them."
            return Decision(Status.REFUSED, "makers_known", reason, acts="the author")
    return Decision(Status.APPROVED, "makers_known", "GitHub knows everybody who made this.")


@rule
def from_the_node(facts: Facts) -> Decision:
    """Results come from the App of the very node that they are of, and from nobody else."""
    if need(facts.kind, "what kind of change this is") is not Kind.RESULT_PUBLICATION:
        return Decision(Status.APPROVED, "from_the_node", "This publishes no results.")
    named = need(facts.named, "which nodes this names")
    if len(named) != 1:
        return Decision(
            Status.REFUSED, "from_the_node", "Results are of exactly one node.", acts="the author"
        )
    account = node_facts(facts, named[0]).account
    ours = {account} if facts.portal_account is None else {account, facts.portal_account}
    made = need(facts.pushers, "who pushed to the branch") | need(
        facts.commit_authors, "who wrote the commits"
    )
    if made - ours or need(facts.author, "who opened the pull request") != account:
        reason = f"These results do not come from node {named[0]} alone."
        return Decision(Status.REFUSED, "from_the_node", reason, acts=f"maintainers of {named[0]}")
    return Decision(Status.APPROVED, "from_the_node", f"These results come from node {named[0]} alone.")


@rule
def no_changes_requested(facts: Facts) -> Decision:
    """A controller who asks for changes holds the merge until they review again or take it back."""
    asked = [review for review in current_reviews(facts) if review.state is ReviewState.CHANGES_REQUESTED]
    controllers = project_controllers(facts)
    for node in nodes_concerned(facts):
        controllers |= node_controllers(facts, node)
    holding = sorted(facts.name(review.reviewer) for review in asked if review.reviewer in controllers)
    if holding:
        reason = f"Changes are requested by {', '.join(holding)}."
        return Decision(Status.REFUSED, "no_changes_requested", reason, acts="the author")
    return Decision(Status.APPROVED, "no_changes_requested", "No controller asks for changes.")


RULES: tuple[Rule, ...] = (
    everything_read,
    kind_decided_here,
    gate,
    checks,
    makers_known,
    from_the_node,
    no_changes_requested,
    quorum,
)
