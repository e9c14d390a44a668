"""Why a person may not decide on a pull request now, in one sentence; None where they may.

Pages show the reason instead of a button; acts ask again on facts just read.
"""

from __future__ import annotations

from collections.abc import Sequence

from governance.facts import gather
from governance.models import Person, PullRequest
from lockgate.policy import Facts, Status
from lockgate.policy.quorum import approvals_needed
from lockgate.policy.rule import Unread
from lockgate.policy.voters import makers, node_controllers, nodes_concerned, project_controllers

OVER = {
    PullRequest.State.MERGED: "It is merged already.",
    PullRequest.State.CLOSED: "It is closed.",
}


def why_not_approve(person: Person, pull_request: PullRequest) -> str | None:
    """Approving and asking for changes is for controllers who have no part in the change."""
    if pull_request.state != PullRequest.State.OPEN:
        return OVER[PullRequest.State(pull_request.state)]
    facts = gather(pull_request)
    try:
        return _why_no_voter(person, facts)
    except Unread as error:
        return f"You cannot approve now: {error}"


def why_not_merge(person: Person, pull_request: PullRequest) -> str | None:
    """Merging is for a controller of the project or of a node named, once every rule is met."""
    if pull_request.state != PullRequest.State.OPEN:
        return OVER[PullRequest.State(pull_request.state)]
    if pull_request.status != Status.APPROVED:
        return "It is not approved yet."
    try:
        controllers = _controllers(gather(pull_request))
    except Unread as error:
        return f"You cannot merge now: {error}"
    if person.account_id not in controllers:
        return "Only a controller can merge this."
    return why_on_github(pull_request) or None


def why_on_github(pull_request: PullRequest) -> str:
    """Why this is merged on GitHub and not here; empty where it is merged here."""
    return workflows_are_merged_on_github((pull_request.verdict or {}).get("workflows", ()))


def workflows_are_merged_on_github(paths: Sequence[str]) -> str:
    """A merge through an App that changes workflow files needs a permission that Lockgate's has not."""
    if not paths:
        return ""
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return (
        f"This changes how GitHub Actions runs ({paths[0]}{more}), and Lockgate may not change that, "
        "on purpose. Once it is approved, a controller merges it on GitHub."
    )


def is_behind(pull_request: PullRequest) -> bool:
    """Whether the base went on since this branched, and can be merged into it as far as is known."""
    known = bool(pull_request.merge_base)
    moved = known and pull_request.merge_base != pull_request.base_sha
    return pull_request.state == PullRequest.State.OPEN and moved and pull_request.mergeable is not False


def why_not_bring_up_to_date(person: Person, pull_request: PullRequest) -> str | None:
    """For controllers, where the base moved and does not conflict."""
    if pull_request.state != PullRequest.State.OPEN:
        return OVER[PullRequest.State(pull_request.state)]
    if pull_request.mergeable is False:
        return f"It conflicts with {pull_request.base_ref}: its author has to solve that."
    if not is_behind(pull_request):
        return f"It is up to date with {pull_request.base_ref}."
    try:
        controllers = _controllers(gather(pull_request))
    except Unread as error:
        return f"You cannot do this now: {error}"
    return None if person.account_id in controllers else "Only a controller can bring this up to date."


def _why_no_voter(person: Person, facts: Facts) -> str | None:
    made = makers(facts)
    if person.account_id in made:
        did = made[person.account_id].replace("the job", "this")
        return f"You cannot approve: you {did}. Needed: {_needed(facts)}."
    if person.account_id not in _voters(facts):
        return f"You cannot approve: you are not among those who decide. Needed: {_needed(facts)}."
    return None


def _voters(facts: Facts) -> frozenset[int]:
    if not approvals_needed(facts).per_node:
        return project_controllers(facts)
    return frozenset().union(*(node_controllers(facts, node) for node in nodes_concerned(facts)))


def _controllers(facts: Facts) -> frozenset[int]:
    """Of the project, and of every node concerned."""
    found = project_controllers(facts)
    return found.union(*(node_controllers(facts, node) for node in nodes_concerned(facts)))


def _needed(facts: Facts) -> str:
    asked = approvals_needed(facts)
    people = f"{asked.quorum} controller{'s' if asked.quorum != 1 else ''}"
    if not asked.per_node:
        return f"{people} of the project"
    return " and ".join(f"{people} of {node}" for node in nodes_concerned(facts)) or people
