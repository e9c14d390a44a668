"""Pull requests: merged past the portal, records that are not as they should be, checks, old readings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from django.conf import settings
from django.db.models import Case, Exists, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, NullIf

from governance.models import AuditEvent, CheckRun, DecisionRecord, Project, PullRequest
from governance.verdicts import decision_of
from jobs.models import Lane
from lockgate.policy import POLICY_CHECK, conclusion
from portal.reconciliation.facts import LateMerge, Merge, OldPull, Said, Some, Unposted
from portal.reconciliation.limits import MOST, POSTED_WITHIN, PULL_SILENT, RECORD_WITHIN
from portal.reconciliation.reading.rows import oldest_of_each, some
from publications.models import Publication

State = DecisionRecord.State
Merges = dict[int, Some[Merge]]
DECISIONS_READ = 10 * MOST  # of one project, to hold each against its check


def merged_past(projects: Sequence[Project], _now: datetime) -> Merges:
    settled = [State.PENDING, State.WRITTEN, State.DIFFERS]
    records = _records(projects).filter(state__in=settled, in_portal=False).exclude(status="approved")
    return _merges(records, projects, told=True)


def unwritten(projects: Sequence[Project], now: datetime) -> Merges:
    late = _records(projects).filter(state=State.PENDING, merged_at__lt=now - RECORD_WITHIN)
    return _merges(late, projects)


def differing(projects: Sequence[Project], _now: datetime) -> Merges:
    return _merges(_records(projects).filter(state=State.DIFFERS), projects)


def _records(projects: Sequence[Project]) -> QuerySet[DecisionRecord]:
    """Records with the merge that they are of; those of a pull request that is not read have none."""
    pulls = PullRequest.objects.filter(
        project__name=OuterRef("project"), number=OuterRef("number"), state=PullRequest.State.MERGED
    )
    return (
        DecisionRecord.objects.filter(project__in=[each.name for each in projects])
        .defer("last", "pressed", "text")
        .annotate(
            merged_at=Subquery(pulls.values("merged_at")),
            merged_by=Subquery(pulls.values("merged_by__login")),
            kind=Subquery(pulls.values("kind")),
            pull=Subquery(pulls.values("pk")),
        )
        .filter(pull__isnull=False)
    )


def _merges(records: QuerySet[DecisionRecord], projects: Sequence[Project], *, told: bool = False) -> Merges:
    rows = oldest_of_each(records, "project", "merged_at")
    pulls = [row.pull for row in rows] if told else []
    lanes, releases = _lanes(pulls), _releases(pulls)

    def make(row: DecisionRecord) -> Merge:
        return Merge(
            row.number,
            row.kind,  # type: ignore[attr-defined]
            row.merged_by or "",  # type: ignore[attr-defined]
            row.merged_at,  # type: ignore[attr-defined]
            row.status,
            row.problem,
            lanes.get(row.pull, ()),  # type: ignore[attr-defined]
            releases.get(row.pull, ""),  # type: ignore[attr-defined]
        )

    by_name = some(rows, make)
    return {each.pk: by_name[each.name] for each in projects if each.name in by_name}


def _lanes(pulls: Sequence[int]) -> dict[int, tuple[Said, ...]]:
    """What nodes say of the work that these pull requests ask for."""
    rows = Lane.objects.filter(request__pull_request__in=pulls).select_related("node", "request")
    ordered = rows.order_by("request__pull_request", "node__name")
    groups = groupby(ordered, key=lambda lane: lane.request.pull_request_id)
    return {
        pull: tuple(Said(lane.node.name, lane.get_state_display()) for lane in lanes)
        for pull, lanes in groups
        if pull is not None
    }


def _releases(pulls: Sequence[int]) -> dict[int, str]:
    rows = Publication.objects.filter(pull_request__in=pulls).select_related("node")
    return {row.pull_request_id: f"{row.node.name}: {row.get_state_display().lower()}." for row in rows}


def unseen(projects: Sequence[Project], _now: datetime) -> dict[int, Some[LateMerge]]:
    """Merges of which nothing was seen here before, nor for a day after: no record tells what was decided.

    Only since the portal knows the project, which is since the first row of its audit.
    """
    events = AuditEvent.objects.filter(project=OuterRef("project__name")).order_by("number")
    records = DecisionRecord.objects.filter(project=OuterRef("project__name"), number=OuterRef("number"))
    rows = (
        PullRequest.objects.filter(~Exists(records), project__in=projects, state=PullRequest.State.MERGED)
        .filter(head_since__gt=F("merged_at"), merged_at__gt=Subquery(events.values("at")[:1]))
        .select_related("merged_by")
        .defer("verdict", "decision", "body")
    )
    return some(oldest_of_each(rows, "project_id", "merged_at"), _late)


def _late(row: PullRequest) -> LateMerge:
    assert row.merged_at is not None  # the query took such
    assert row.head_since is not None
    return LateMerge(row.number, row.merged_by.login if row.merged_by else "", row.merged_at, row.head_since)


def unposted(projects: Sequence[Project], now: datetime) -> dict[int, Some[Unposted]]:
    """Those whose check lets merge stand first: they are the last to be left out of very many.

    Pull requests that share a head share its check: of several open ones it says the worst, and where one
    was merged nothing is posted any more. They are left out.
    """
    checks = CheckRun.objects.filter(
        pull_request=OuterRef("pk"),
        head_sha=OuterRef("head_sha"),
        name=POLICY_CHECK,
        app_id=settings.LOCKGATE.app_id,
    ).order_by("-remote_id")
    said = checks.annotate(says=Coalesce(NullIf("conclusion", Value("")), "status"))
    others = PullRequest.objects.filter(
        project=OuterRef("project"), head_sha=OuterRef("head_sha"), state__in=["open", "merged"]
    ).exclude(pk=OuterRef("pk"))
    rows = (
        PullRequest.objects.filter(~Exists(others), project__in=projects, state=PullRequest.State.OPEN)
        .filter(decided_at__lt=now - POSTED_WITHIN, decision__isnull=False)
        .annotate(posted=Coalesce(Subquery(said.values("says")[:1]), Value("")))
        .exclude(status="approved", posted="success")
        .annotate(lets_merge=Case(When(posted="success", then=0), default=1))
        .defer("verdict", "body")
    )
    oldest = oldest_of_each(rows, "project_id", "lets_merge", "decided_at", most=DECISIONS_READ)
    return _differing_checks(oldest)


def _differing_checks(rows: Sequence[PullRequest]) -> dict[int, Some[Unposted]]:
    found: dict[int, list[Unposted]] = {}
    for row in rows:
        decision, posted = decision_of(row), row.posted  # type: ignore[attr-defined]
        if decision is not None and row.decided_at is not None and posted != conclusion(decision):
            said = Unposted(row.number, row.status, row.decided_at, posted.replace("_", " "))
            found.setdefault(row.of_project, []).append(said)  # type: ignore[attr-defined]
    return {project: Some(tuple(each[:MOST]), len(each)) for project, each in found.items()}


def old_pulls(projects: Sequence[Project], now: datetime) -> dict[int, Some[OldPull]]:
    rows = _open(projects).filter(read_at__lt=now - PULL_SILENT)
    return some(oldest_of_each(rows, "project_id", "read_at"), lambda row: OldPull(row.number, row.read_at))


def _open(projects: Sequence[Project]) -> QuerySet[PullRequest]:
    rows = PullRequest.objects.filter(project__in=projects, state=PullRequest.State.OPEN)
    return rows.defer("verdict", "decision", "body")
