"""One good pull request of each kind: heart_study on the nodes north and south, ready to be merged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lockgate.formats import Approvals, DisclosureLimits, Governance, Kind, NodePolicy, Service
from lockgate.policy import (
    CheckRun,
    Facts,
    GateRun,
    NodeFacts,
    Point,
    RequiredCheck,
    Review,
    ReviewState,
    Team,
)

RESEARCHER, RESEARCHER_2, CONTROLLER, CONTROLLER_2, MAINTAINER, OUTSIDER = range(1001, 1007)
NORTH_CONTROLLER, SOUTH_CONTROLLER, STRANGER_BY_NODE = 1011, 1012, 1013
PORTAL_BOT, NORTH_BOT, SOUTH_BOT = 4001, 4002, 4003
PORTAL_APP, ACTIONS_APP, OTHER_APP = 3001, 15368, 3999

POINT = Point(pull_request=7, base_ref="main", merge_base="b" * 40, head="3f9c2ab" + "0" * 33)
MOMENT = datetime(2026, 11, 23, 9, 14, tzinfo=UTC)

NAMES = {RESEARCHER: "researcher", CONTROLLER: "controller", CONTROLLER_2: "controller-2"}

GOVERNANCE = Governance(
    version=1,
    researchers=("health/researchers",),
    controllers=("health/controllers",),
    nodes={"north": NodePolicy(("health/north",)), "south": NodePolicy(("health/south",))},
    approvals={
        Kind.JOB_REQUEST: Approvals(quorum=1, per_node=True),
        Kind.RESULT_PUBLICATION: Approvals(quorum=2, per_node=True),
        Kind.WITHDRAWAL: Approvals(quorum=1),
        Kind.CODE_CHANGE: Approvals(quorum=1),
        Kind.POLICY_CHANGE: Approvals(quorum=1, per_node=True),
    },
    disclosure=DisclosureLimits(10, 5, 5000, 16_000_000, ("text/csv",)),
    service=Service(decide_within_days=5),
)


def team(*members: int, age: timedelta | None = timedelta(minutes=1)) -> Team:
    return Team(frozenset(members), age)


TEAMS = {
    "health/controllers": team(CONTROLLER, CONTROLLER_2),
    "health/north": team(CONTROLLER, CONTROLLER_2, NORTH_CONTROLLER, STRANGER_BY_NODE),
    "health/south": team(CONTROLLER_2, SOUTH_CONTROLLER, STRANGER_BY_NODE),
    "north/controllers": team(CONTROLLER, CONTROLLER_2, NORTH_CONTROLLER),
    "south/controllers": team(CONTROLLER_2, SOUTH_CONTROLLER),
}
NODES = {
    "north": NodeFacts(("north/controllers",), NORTH_BOT),
    "south": NodeFacts(("south/controllers",), SOUTH_BOT),
}


def review(
    reviewer: int,
    state: ReviewState = ReviewState.APPROVED,
    *,
    at: Point | None = POINT,
    minute: int = 0,
    number: int = 0,
) -> Review:
    return Review(number or reviewer, reviewer, state, at, MOMENT + timedelta(minutes=minute))


def check(
    name: str, conclusion: str | None = "success", *, number: int = 1, app: int = ACTIONS_APP
) -> CheckRun:
    return CheckRun(number, name, app, POINT.head, conclusion)


def request(**changes: object) -> Facts:
    """A job request of the researcher for north, approved by a controller."""
    return _facts(Kind.JOB_REQUEST, RESEARCHER, ("north",), (CONTROLLER,), changes)


def results(**changes: object) -> Facts:
    """Results of north, from its App, approved by two controllers."""
    return _facts(Kind.RESULT_PUBLICATION, NORTH_BOT, ("north",), (CONTROLLER, CONTROLLER_2), changes)


def withdrawal(**changes: object) -> Facts:
    """A withdrawal of north's results, approved by a controller of the project."""
    return _facts(Kind.WITHDRAWAL, MAINTAINER, ("north",), (CONTROLLER,), changes)


def code(**changes: object) -> Facts:
    """A code change, approved by a controller of the project."""
    return _facts(Kind.CODE_CHANGE, RESEARCHER_2, (), (CONTROLLER,), changes)


def policy(**changes: object) -> Facts:
    """A policy change, approved for north and for south."""
    return _facts(Kind.POLICY_CHANGE, MAINTAINER, (), (CONTROLLER, SOUTH_CONTROLLER), changes)


def _facts(
    kind: Kind, maker: int, named: tuple[str, ...], approvers: tuple[int, ...], changes: dict[str, object]
) -> Facts:
    of_a_job = kind in (Kind.JOB_REQUEST, Kind.RESULT_PUBLICATION)
    facts: dict[str, object] = {
        "at": POINT,
        "kind": kind,
        "gate": GateRun(POINT, clean=True),
        "required": (
            RequiredCheck("lockgate/policy", PORTAL_APP),
            RequiredCheck("gate", ACTIONS_APP),
            RequiredCheck("ci", ACTIONS_APP),
        ),
        "checks": (check("gate"), check("ci")),
        "governance": GOVERNANCE,
        "named": named,
        "nodes": NODES,
        "teams": TEAMS,
        "author": maker,
        "requester": RESEARCHER if of_a_job else None,
        "commit_authors": frozenset({maker}),
        "pushers": frozenset({maker}),
        "reviews": tuple(review(approver) for approver in approvers),
        "portal_account": PORTAL_BOT,
        "names": NAMES,
    }
    return Facts(**(facts | changes))  # type: ignore[arg-type]
