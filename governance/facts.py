"""Gathers the finished facts on which `lockgate.policy` decides; what is unreadable stays None or is said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from governance.mirrors import Mirror, mirror
from governance.models import Person, Project, PullRequest, Registration, Review, Team
from lockgate import formats, policy
from lockgate.errors import Invalid
from lockgate.formats import Approvals, Governance, Kind
from lockgate.policy import Facts, GateRun, NodeFacts, Point, RequiredCheck, ReviewState

JOB_KINDS = frozenset({Kind.JOB_REQUEST, Kind.RESULT_PUBLICATION, Kind.WITHDRAWAL})
TELLING_REVIEWS = frozenset(ReviewState)
POLICY = "governance.yaml"


def gather(pull_request: PullRequest, *, portal_account: int | None = None, main: str | None = None) -> Facts:
    """The facts of one pull request, from its rows and the mirror; no network.

    `main`: the commit whose policy is in force, the default branch's tip unless it is given.
    """
    project = pull_request.project
    here = mirror(pull_request.repository)
    main = main or main_of(pull_request)
    point = Point(pull_request.number, pull_request.base_ref, pull_request.merge_base, pull_request.head_sha)
    governance = _governance(project, here, main)
    kind = Kind(pull_request.kind) if pull_request.kind else None
    registrations = list(project.registrations.select_related("node")) if project else []
    reviews = list(pull_request.reviews.select_related("author"))
    return Facts(
        at=point,
        kind=kind,
        gate=_gate(pull_request, point),
        required=_required(project),
        checks=_checks(pull_request),
        governance=governance.read,
        named=tuple(pull_request.node_names),
        nodes=_nodes(registrations),
        teams=_teams(governance.read, registrations),
        author=pull_request.author.account_id,
        requester=_requester(pull_request, kind, here, main),
        commit_authors=_accounts(pull_request.commit_authors, unknown=pull_request.unknown_author),
        pushers=_accounts(pull_request.pushers, unknown=pull_request.unknown_pusher),
        reviews=_reviews(pull_request.number, reviews),
        portal_account=portal_account,
        names=_names(pull_request, reviews),
        unread=governance.unread,
        invalid=governance.invalid,
    )


def main_of(pull_request: PullRequest) -> str | None:
    """The default branch's tip, as the mirror has it."""
    return mirror(pull_request.repository).tip(pull_request.place.default_branch)


def policy_blob(pull_request: PullRequest, main: str | None) -> str | None:
    """The blob of the governance.yaml at this commit."""
    return mirror(pull_request.repository).blob(main, POLICY) if main else None


@dataclass(frozen=True)
class _Governance:
    """A governance.yaml as it was read, or why there is none."""

    read: Governance | None = None
    unread: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()


def _governance(project: Project | None, here: Mirror, main: str | None) -> _Governance:
    """`governance.yaml` of the default branch's tip, and nowhere else."""
    if project is None:
        return _Governance()
    data = here.read(main, POLICY) if main else None
    if data is None:
        return _Governance(unread=("governance.yaml on the default branch could not be read.",))
    try:
        return _Governance(read=formats.read_governance(data))
    except Invalid as error:
        return _Governance(invalid=(error.what,))


def _gate(pull_request: PullRequest, point: Point) -> GateRun | None:
    verdict = pull_request.verdict
    if verdict is None:
        return None
    at = Point(point.pull_request, verdict["base_ref"], verdict.get("merge_base", ""), verdict["head"])
    return GateRun(at, verdict["clean"], tuple(_sentence(each) for each in verdict["problems"]))


def _sentence(problem: Mapping[str, str | int | None]) -> str:
    line = f" line {problem['line']}" if problem["line"] else ""
    where = f"{problem['path']}{line}: " if problem["path"] else ""
    return f"{where}{problem['reason']}."


def _required(project: Project | None) -> tuple[RequiredCheck, ...] | None:
    if project is None:
        return ()
    if project.confirmed_at is None:
        return None
    return tuple(RequiredCheck(name, app_id) for name, app_id in project.required_checks or ())


def _checks(pull_request: PullRequest) -> tuple[policy.CheckRun, ...]:
    return tuple(
        policy.CheckRun(run.remote_id, run.name, run.app_id, run.head_sha, run.conclusion or None)
        for run in pull_request.checks.all()
        if run.app_id is not None
    )


def _nodes(registrations: Iterable[Registration]) -> Mapping[str, NodeFacts]:
    return {
        each.node.name: NodeFacts(
            controllers=tuple(each.node.controllers),
            account=each.node.app_account,
            minimums={Kind(kind): Approvals(**said) for kind, said in each.minimums.items()},
        )
        for each in registrations
    }


def _teams(governance: Governance | None, registrations: Iterable[Registration]) -> Mapping[str, policy.Team]:
    paths = _paths(governance, registrations)
    now = timezone.now()
    rows = Team.objects.filter(path__in=paths).prefetch_related("members")
    return {
        row.path: policy.Team(
            frozenset(person.account_id for person in row.members.all()), _age(row.confirmed_at, now)
        )
        for row in rows
    }


def _age(confirmed_at: datetime | None, now: datetime) -> timedelta | None:
    return now - confirmed_at if confirmed_at else None


def _paths(governance: Governance | None, registrations: Iterable[Registration]) -> set[str]:
    paths = {path for each in registrations for path in each.node.controllers}
    if governance is not None:
        paths |= {*governance.controllers}
        paths |= {path for node in governance.nodes.values() for path in node.controllers}
    return paths


def _requester(pull_request: PullRequest, kind: Kind | None, here: Mirror, main: str | None) -> int | None:
    """Who asked for the job: from the request at the head, or on main for what came of it."""
    if kind not in JOB_KINDS or not pull_request.request:
        return None
    revision = pull_request.head_sha if kind is Kind.JOB_REQUEST else main
    path = f"jobs/{pull_request.request}.yaml"
    data = here.read(revision, path) if revision else None
    if data is None:
        return None
    try:
        return formats.read_job_request(data, path).requested_by.id
    except Invalid:
        return None  # policy calls it unreadable


def _accounts(known: Iterable[int], *, unknown: bool) -> frozenset[int | None]:
    return frozenset([*known, *([None] if unknown else [])])


def _reviews(number: int, reviews: Iterable[Review]) -> tuple[policy.Review, ...]:
    return tuple(
        policy.Review(
            id=review.remote_id,
            reviewer=review.author.account_id,
            state=ReviewState(review.state),
            at=_given_for(review, number),
            submitted=review.submitted_at,
        )
        for review in reviews
        if review.state in TELLING_REVIEWS
    )


def _given_for(review: Review, number: int) -> Point | None:
    """The point that a review binds; None where the base moved before it was read."""
    if not review.base_ref:
        return None
    return Point(number, review.base_ref, review.merge_base, review.head_sha)


def _names(pull_request: PullRequest, reviews: Iterable[Review]) -> Mapping[int, str]:
    accounts = {pull_request.author.account_id, *pull_request.commit_authors, *pull_request.pushers}
    accounts |= {review.author.account_id for review in reviews}
    return dict(Person.objects.filter(account_id__in=accounts).values_list("account_id", "login"))
