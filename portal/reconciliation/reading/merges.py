"""Pull requests: merged past the portal, records that are not as they should be, checks, old readings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from django.conf import settings
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, NullIf

from governance.models import CheckRun, DecisionRecord, Project, PullRequest
from jobs.models import Lane
from lockgate.policy import POLICY_CHECK
from portal.reconciliation.facts import Merge, OldPull, Said, Some, Unposted
from portal.reconciliation.limits import POSTED_WITHIN, PULL_SILENT, RECORD_WITHIN
from portal.reconciliation.reading.rows import oldest_of_each, some
from publications.models import Publication

State = DecisionRecord.State
Merges = dict[int, Some[Merge]]


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


def unposted(projects: Sequence[Project], now: datetime) -> dict[int, Some[Unposted]]:
    """Several open ones on one head share a check, which says the worst: they are left out."""
    checks = CheckRun.objects.filter(
        pull_request=OuterRef("pk"),
        head_sha=OuterRef("head_sha"),
        name=POLICY_CHECK,
        app_id=settings.LOCKGATE.app_id,
    ).order_by("-remote_id")
    said = checks.annotate(says=Coalesce(NullIf("conclusion", Value("")), "status"))
    others = PullRequest.objects.filter(
        project=OuterRef("project"), head_sha=OuterRef("head_sha"), state=PullRequest.State.OPEN
    ).exclude(pk=OuterRef("pk"))
    wanted = Case(
        When(status="approved", then=Value("success")),
        When(status="waiting", then=Value("in_progress")),
        default=Value("failure"),
    )
    rows = (
        _open(projects)
        .filter(decided_at__lt=now - POSTED_WITHIN)
        .exclude(status="")
        .annotate(posted=Coalesce(Subquery(said.values("says")[:1]), Value("")), wanted=wanted)
        .filter(~Q(posted=F("wanted")), ~Exists(others))
    )
    return some(
        oldest_of_each(rows, "project_id", "decided_at"),
        lambda row: Unposted(row.number, row.status, row.decided_at, row.posted.replace("_", " ")),
    )


def old_pulls(projects: Sequence[Project], now: datetime) -> dict[int, Some[OldPull]]:
    rows = _open(projects).filter(read_at__lt=now - PULL_SILENT)
    return some(oldest_of_each(rows, "project_id", "read_at"), lambda row: OldPull(row.number, row.read_at))


def _open(projects: Sequence[Project]) -> QuerySet[PullRequest]:
    rows = PullRequest.objects.filter(project__in=projects, state=PullRequest.State.OPEN)
    return rows.defer("verdict", "decision", "body")
