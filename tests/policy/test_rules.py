"""Each rule seen both ways: the good pull request is approved, and one fact changed stops it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from lockgate.formats import Approvals, Kind
from lockgate.policy import (
    Decision,
    Facts,
    GateRun,
    NodeFacts,
    RequiredCheck,
    ReviewState,
    Status,
    decide,
    who_must_act,
)
from tests.policy import cases
from tests.policy.cases import (
    CONTROLLER,
    CONTROLLER_2,
    GOVERNANCE,
    NODES,
    NORTH_BOT,
    NORTH_CONTROLLER,
    OTHER_APP,
    OUTSIDER,
    POINT,
    PORTAL_BOT,
    RESEARCHER,
    SOUTH_CONTROLLER,
    STRANGER_BY_NODE,
    TEAMS,
    check,
    code,
    policy,
    request,
    results,
    review,
    team,
    withdrawal,
)

APPROVED, WAITING, REFUSED, UNREADABLE = Status
ASKS_CHANGES, DISMISSED = ReviewState.CHANGES_REQUESTED, ReviewState.DISMISSED


def reasons(decision: Decision, status: Status) -> str:
    """All that the tree says with this status."""
    own = [decision.reason] if decision.status is status else []
    return " ".join([*own, *(reasons(child, status) for child in decision.children)])


@pytest.mark.parametrize("good", [request, results, withdrawal, code, policy])
def test_a_pull_request_that_meets_every_rule_is_approved(good: Callable[..., Facts]) -> None:
    assert decide(good()).status is APPROVED


MOVED = replace(POINT, head="91d04ee" + "0" * 33)


def approvals(kind: Kind, **changes: object) -> dict[str, object]:
    asked = {**GOVERNANCE.approvals, kind: replace(GOVERNANCE.approvals[kind], **changes)}  # type: ignore[arg-type]
    return {"governance": replace(GOVERNANCE, approvals=asked)}


def minimum(node: str, kind: Kind, asked: Approvals) -> dict[str, object]:
    return {"nodes": {**NODES, node: replace(NODES[node], minimums={kind: asked})}}


def teams(**changes: object) -> dict[str, object]:
    return {"teams": {**TEAMS, **{path.replace("__", "/"): each for path, each in changes.items()}}}


GATE = [
    (request(gate=None), WAITING, "The gate has not looked at 3f9c2ab yet."),
    (request(gate=GateRun(MOVED, clean=True)), WAITING, "The gate has not looked at 3f9c2ab yet."),
    (
        request(gate=GateRun(replace(POINT, merge_base="c" * 40), clean=True)),
        WAITING,
        "The gate has not looked at 3f9c2ab yet.",
    ),
    (
        request(gate=GateRun(POINT, clean=False, problems=("jobs/x.yaml: bad.",))),
        REFUSED,
        "The gate refuses this. jobs/x.yaml: bad.",
    ),
    (request(gate=GateRun(POINT, clean=True, problems=("a problem",))), REFUSED, "a problem"),
    (
        request(gate=GateRun(POINT, clean=None, problems=("No base.",))),
        UNREADABLE,
        "could not tell. No base.",
    ),
    (request(kind=Kind.NODE_CHANGE), REFUSED, "A node change cannot be decided in Lockgate."),
    (request(kind=Kind.PROJECT_REGISTRATION), REFUSED, "A project registration cannot be decided"),
]

CHECKS = [
    (request(checks=(check("gate"),)), WAITING, "Check ci has not started."),
    (request(checks=(check("gate"), check("ci", None))), WAITING, "Check ci has not finished."),
    (request(checks=(check("gate"), check("ci", "failure"))), REFUSED, "Check ci ended with failure."),
    (request(checks=(check("gate"), check("ci", "skipped"))), REFUSED, "Check ci ended with skipped."),
    (request(checks=(check("gate"), check("ci", "neutral"))), REFUSED, "Check ci ended with neutral."),
    (
        request(checks=(check("gate"), check("ci", "timed_out"))),
        REFUSED,
        "Check ci ended with timed out.",
    ),
    (
        request(checks=(check("gate"), check("ci", number=1), check("ci", "failure", number=2))),
        REFUSED,
        "Check ci ended with failure.",
    ),
    (
        request(checks=(check("gate"), check("ci", "failure", number=1), check("ci", number=2))),
        APPROVED,
        "Every rule is met.",
    ),
    (request(checks=(check("gate"), check("ci", app=OTHER_APP))), WAITING, "Check ci has not started."),
    (
        request(checks=(check("gate"), check("ci"), check("ci", "failure", number=9, app=OTHER_APP))),
        APPROVED,
        "Every rule is met.",
    ),
    (
        request(checks=(check("gate"), replace(check("ci"), head=MOVED.head))),
        WAITING,
        "Check ci has not started.",
    ),
    (
        request(required=(RequiredCheck("gate", None), RequiredCheck("ci", cases.ACTIONS_APP))),
        REFUSED,
        "Check gate is pinned to no App, so any writer could post it.",
    ),
    (request(required=()), UNREADABLE, "it is not protected"),
    (request(required=(RequiredCheck("lockgate/policy", 3001),)), UNREADABLE, "it is not protected"),
]

QUORUM = [
    (request(reviews=()), WAITING, "0 of 1 approvals by controllers of north."),
    (results(reviews=(review(CONTROLLER),)), WAITING, "1 of 2 approvals by controllers of north."),
    (
        results(reviews=(review(CONTROLLER), review(CONTROLLER, minute=1, number=5))),
        WAITING,
        "1 of 2 approvals",
    ),
    (request(reviews=(review(NORTH_CONTROLLER),)), APPROVED, "Every rule is met."),
    (request(named=("north", "south")), WAITING, "0 of 1 approvals by controllers of south."),
    (request(named=("north", "south"), reviews=(review(CONTROLLER_2),)), APPROVED, "Every rule is met."),
    (policy(reviews=(review(CONTROLLER),)), WAITING, "0 of 1 approvals by controllers of south."),
    (code(reviews=(review(NORTH_CONTROLLER),)), WAITING, "0 of 1 approvals by controllers of the project."),
    (code(**approvals(Kind.CODE_CHANGE, per_node=True)), WAITING, "controllers of south"),
    (request(**approvals(Kind.JOB_REQUEST, quorum=0)), REFUSED, "asks for no approval at all"),
    (
        request(
            **approvals(Kind.JOB_REQUEST, quorum=0),
            **minimum("north", Kind.JOB_REQUEST, Approvals(quorum=1)),
        ),
        REFUSED,
        "asks for no approval at all",
    ),
    (request(named=()), REFUSED, "No node is named"),
    (
        request(governance=replace(GOVERNANCE, approvals={})),
        UNREADABLE,
        "governance.yaml does not say who approves a job request.",
    ),
    (
        policy(governance=replace(GOVERNANCE, nodes={})),
        REFUSED,
        "No node is named",
    ),
]

MINIMUMS = [
    (
        request(**minimum("north", Kind.JOB_REQUEST, Approvals(quorum=2))),
        WAITING,
        "1 of 2 approvals by controllers of north.",
    ),
    (
        results(**minimum("north", Kind.RESULT_PUBLICATION, Approvals(quorum=1))),
        APPROVED,
        "Every rule is met.",
    ),
    (
        withdrawal(reviews=(review(CONTROLLER),), **minimum("north", Kind.WITHDRAWAL, Approvals(2, True))),
        WAITING,
        "1 of 2 approvals by controllers of north.",
    ),
    (request(**minimum("south", Kind.JOB_REQUEST, Approvals(quorum=2))), APPROVED, "Every rule is met."),
    (
        code(**minimum("south", Kind.CODE_CHANGE, Approvals(quorum=2))),
        WAITING,
        "1 of 2 approvals by controllers of the project.",
    ),
]

LAPSES = [
    (
        request(reviews=(review(CONTROLLER, at=MOVED),)),
        WAITING,
        "The approval of controller lapsed: the head moved from 91d04ee to 3f9c2ab.",
    ),
    (
        request(reviews=(review(CONTROLLER, at=replace(POINT, base_ref="other")),)),
        WAITING,
        "The approval of controller lapsed: the base moved from other to main.",
    ),
    (
        request(reviews=(review(CONTROLLER, at=replace(POINT, merge_base="c" * 40)),)),
        WAITING,
        "lapsed: what it is compared with moved from ccccccc to bbbbbbb.",
    ),
    (
        request(reviews=(review(CONTROLLER, at=replace(POINT, pull_request=6)),)),
        WAITING,
        "lapsed: it was given for pull request 6.",
    ),
    (
        request(reviews=(review(CONTROLLER, at=None),)),
        WAITING,
        "lapsed: it cannot be told what it was given for.",
    ),
]

LATER_REVIEWS = [
    (
        request(reviews=(review(CONTROLLER), review(CONTROLLER, ASKS_CHANGES, minute=1, number=5))),
        REFUSED,
        "Changes are requested by controller.",
    ),
    (
        request(reviews=(review(CONTROLLER, ASKS_CHANGES), review(CONTROLLER, minute=1, number=5))),
        APPROVED,
        "Every rule is met.",
    ),
    (
        request(reviews=(review(CONTROLLER), review(CONTROLLER, DISMISSED, minute=1, number=5))),
        WAITING,
        "0 of 1 approvals",
    ),
    (
        request(reviews=(review(CONTROLLER), review(CONTROLLER_2, ASKS_CHANGES))),
        REFUSED,
        "Changes are requested by controller-2.",
    ),
    (
        request(reviews=(review(CONTROLLER), review(CONTROLLER_2, ASKS_CHANGES, at=MOVED))),
        REFUSED,
        "Changes are requested by controller-2.",
    ),
    (
        request(reviews=(review(CONTROLLER), review(CONTROLLER_2, DISMISSED))),
        APPROVED,
        "Every rule is met.",
    ),
    (request(reviews=(review(CONTROLLER), review(OUTSIDER, ASKS_CHANGES))), APPROVED, "Every rule is met."),
    (
        request(
            reviews=(
                review(CONTROLLER, number=10, minute=0),
                review(CONTROLLER, ASKS_CHANGES, number=11, minute=0),
            )
        ),
        REFUSED,
        "Changes are requested by controller.",
    ),
]

MAKERS = [
    (
        request(author=CONTROLLER),
        WAITING,
        "The approval of controller does not count: controller opened the pull request.",
    ),
    (
        request(requester=CONTROLLER),
        WAITING,
        "The approval of controller does not count: controller requested the job.",
    ),
    (
        request(commit_authors=frozenset({RESEARCHER, CONTROLLER})),
        WAITING,
        "does not count: controller wrote a commit of it.",
    ),
    (
        request(pushers=frozenset({RESEARCHER, CONTROLLER})),
        WAITING,
        "does not count: controller pushed to the branch.",
    ),
    (results(requester=CONTROLLER), WAITING, "does not count: controller requested the job."),
    (request(pushers=frozenset({RESEARCHER, PORTAL_BOT})), APPROVED, "Every rule is met."),
    (
        request(pushers=frozenset({RESEARCHER, None})),
        REFUSED,
        "Somebody whom GitHub does not know pushed to the branch",
    ),
    (
        request(commit_authors=frozenset({RESEARCHER, None})),
        REFUSED,
        "Somebody whom GitHub does not know wrote the commits",
    ),
    (request(pushers=frozenset()), UNREADABLE, "GitHub names nobody who pushed to the branch."),
    (request(commit_authors=frozenset()), UNREADABLE, "GitHub names nobody who wrote the commits."),
    (
        request(reviews=(review(OUTSIDER),)),
        WAITING,
        "does not count here: account 1006 is not one of these controllers.",
    ),
    (request(reviews=(review(STRANGER_BY_NODE),)), WAITING, "is not one of these controllers."),
    (request(reviews=(review(SOUTH_CONTROLLER),)), WAITING, "is not one of these controllers."),
    (
        results(requester=CONTROLLER, **teams(north__controllers=team(CONTROLLER, CONTROLLER_2))),
        WAITING,
        "does not count: controller requested the job.",
    ),
]

FROM_THE_NODE = [
    (results(author=RESEARCHER), REFUSED, "do not come from node north alone"),
    (results(author=cases.SOUTH_BOT), REFUSED, "do not come from node north alone"),
    (results(pushers=frozenset({NORTH_BOT, OUTSIDER})), REFUSED, "do not come from node north alone"),
    (results(commit_authors=frozenset({OUTSIDER})), REFUSED, "do not come from node north alone"),
    (results(pushers=frozenset({NORTH_BOT, PORTAL_BOT})), APPROVED, "Every rule is met."),
    (
        results(pushers=frozenset({NORTH_BOT, PORTAL_BOT}), portal_account=None),
        REFUSED,
        "do not come from node north alone",
    ),
    (results(author=PORTAL_BOT), REFUSED, "do not come from node north alone"),
    (results(named=("north", "south")), REFUSED, "Results are of exactly one node."),
]

NOT_VALID = request(governance=None, invalid=("governance.yaml: version must be 1.",))
UNREADABLES = [
    (
        request(unread=("governance.yaml on main is not YAML.",)),
        UNREADABLE,
        "governance.yaml on main is not YAML.",
    ),
    (NOT_VALID, UNREADABLE, "governance.yaml: version must be 1."),
    (NOT_VALID, UNREADABLE, "governance.yaml on the default branch is not valid."),
    (request(**teams(north__controllers=team(CONTROLLER, age=None))), UNREADABLE, "has not told who is in"),
    (
        request(**teams(health__north=team(CONTROLLER, age=timedelta(minutes=5, seconds=1)))),
        UNREADABLE,
        "the team health/north was last confirmed more than 5 minutes ago",
    ),
    (
        request(**teams(health__north=team(CONTROLLER, age=timedelta(minutes=5)))),
        APPROVED,
        "Every rule is met.",
    ),
    (request(requester=None), UNREADABLE, "could not read who requested the job"),
    (results(requester=None), UNREADABLE, "could not read who requested the job"),
    (request(teams={}), UNREADABLE, "GitHub has not told who is in the team health/controllers."),
    (request(nodes={}), UNREADABLE, "Node north is not known"),
    (
        request(named=("west",), nodes={**NODES, "west": NodeFacts((), 1)}),
        UNREADABLE,
        "no controllers of node west",
    ),
    (Facts(), UNREADABLE, "could not read"),
]

TABLE = GATE + CHECKS + QUORUM + MINIMUMS + LAPSES + LATER_REVIEWS + MAKERS + FROM_THE_NODE + UNREADABLES


@pytest.mark.parametrize(("facts", "status", "reason"), TABLE)
def test_one_fact_decides(facts: Facts, status: Status, reason: str) -> None:
    decision = decide(facts)
    assert decision.status is status
    assert reason in reasons(decision, status)


def test_too_few_people_who_could_approve_is_said_and_is_for_the_maintainers() -> None:
    facts = results(requester=CONTROLLER, **teams(north__controllers=team(CONTROLLER, CONTROLLER_2)))
    decision = decide(facts)
    assert "Too few people could approve this" in reasons(decision, WAITING)
    assert who_must_act(decision) == ("maintainers",)


@pytest.mark.parametrize("status", list(Status))
def test_every_status_is_reached_by_the_table(status: Status) -> None:
    assert any(expected is status for _, expected, _ in TABLE)
