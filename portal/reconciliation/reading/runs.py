"""Runs and lanes: held work, runs that nothing merged asked for, merged requests that nothing runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, When

from governance.models import DecisionRecord, Project
from jobs.models import JobRequest, Lane, Run
from portal.reconciliation.facts import HeldLane, Some, StrayRun, Unstarted
from portal.reconciliation.limits import MOST, STARTED_WITHIN
from portal.reconciliation.reading.rows import oldest_of_each, some, together

State = Lane.State
NEWEST_MESSAGES = 2000  # of a node, among which its last report of runs is looked for
STRAY_REPORTS = """
SELECT * FROM (
SELECT r.project_id, n.name AS node, run->>'request' AS request, run->>'run', lower(run->>'status'),
       (run->>'started')::timestamptz AS started, pull.number, coalesce(pull.state, ''),
       row_number() OVER mine AS nth, count(*) OVER (PARTITION BY r.project_id)
FROM governance_registration r
JOIN governance_node n ON n.id = r.node_id
JOIN governance_project p ON p.id = r.project_id
CROSS JOIN LATERAL (
    SELECT m.body FROM governance_inboundmessage m
    WHERE m.sender = 'node.' || n.name AND m.kind = 'runs_reported' AND m.body->>'project' = p.name
      AND m.number > -%(newest)s + (
        SELECT max(number) FROM governance_inboundmessage WHERE sender = 'node.' || n.name)
    ORDER BY m.number DESC LIMIT 1
) told
CROSS JOIN LATERAL jsonb_array_elements(told.body->'runs') AS run
LEFT JOIN jobs_jobrequest q ON q.project_id = p.id AND q.slug = run->>'request'
LEFT JOIN governance_pullrequest pull ON pull.id = q.pull_request_id AND n.name = ANY(q.nodes)
WHERE r.project_id = ANY(%(projects)s)
  AND coalesce(pull.state, '') <> 'merged'
  AND NOT EXISTS (SELECT 1 FROM jobs_lane l WHERE l.request_id = q.id AND l.node_id = n.id)
WINDOW mine AS (
    PARTITION BY r.project_id ORDER BY (run->>'started')::timestamptz NULLS FIRST, run->>'run')
) strays WHERE nth <= %(most)s ORDER BY started NULLS FIRST, request"""


def held(projects: Sequence[Project], _now: datetime) -> dict[int, Some[HeldLane]]:
    number = Case(
        When(state=State.RELEASE_HELD, then=F("result__number")), default=F("request__pull_request__number")
    )
    merged_by = Case(
        When(state=State.RELEASE_HELD, then=F("result__merged_by__login")),
        default=F("request__pull_request__merged_by__login"),
    )
    records = DecisionRecord.objects.filter(
        project=OuterRef("request__project__name"), number=OuterRef("number")
    )
    rows = (
        Lane.objects.filter(request__project__in=projects, state__in=[State.HELD, State.RELEASE_HELD])
        .annotate(number=number, merged_by=merged_by)
        .annotate(
            last_word=Subquery(records.values("status")), in_portal=Subquery(records.values("in_portal"))
        )
        .select_related("request", "node")
    )
    return some(oldest_of_each(rows, "request__project_id", "since"), _held)


def _held(lane: Lane) -> HeldLane:
    return HeldLane(
        request=lane.request.slug,
        node=lane.node.name,
        reason=lane.reason,
        since=lane.since,
        is_release=lane.state == State.RELEASE_HELD,
        number=lane.number,  # type: ignore[attr-defined]
        merged_by=lane.merged_by or "",  # type: ignore[attr-defined]
        last_word=lane.last_word or "",  # type: ignore[attr-defined]
        in_portal=lane.in_portal,  # type: ignore[attr-defined]
    )


def unstarted(projects: Sequence[Project], now: datetime) -> dict[int, Some[Unstarted]]:
    """Lanes that no run was started in, and nodes that a merged request names and that have no lane."""
    late = now - STARTED_WITHIN
    lanes = Lane.objects.filter(
        ~Exists(Run.objects.filter(lane=OuterRef("pk"))),
        request__project__in=projects,
        state=State.WAITING_FOR_NODE,
        since__lt=late,
    ).select_related("request__pull_request", "node")
    found = some(oldest_of_each(lanes, "request__project_id", "since"), _unstarted)
    for project, missing in _without_lanes(projects, late).items():
        known = found.get(project, Some())
        found[project] = together([known, missing], lambda each: each.since)
    return found


def _unstarted(lane: Lane) -> Unstarted:
    pull = lane.request.pull_request
    number = pull.number if pull else None
    return Unstarted(lane.request.slug, number, lane.node.name, lane.since, lane.reason)


def _without_lanes(projects: Sequence[Project], late: datetime) -> dict[int, Some[Unstarted]]:
    names = ArraySubquery(Lane.objects.filter(request=OuterRef("pk")).values("node__name"))
    requests = (
        JobRequest.objects.filter(
            project__in=projects, pull_request__state="merged", pull_request__merged_at__lt=late
        )
        .annotate(lane_nodes=names)
        .filter(~Q(nodes__contained_by=F("lane_nodes")))
        .select_related("pull_request")
    )
    rows = oldest_of_each(requests, "project_id", "pull_request__merged_at")
    by_request = some(rows, lambda row: tuple(_missing(row)))
    return {project: _each_missing(found) for project, found in by_request.items()}


def _each_missing(found: Some[tuple[Unstarted, ...]]) -> Some[Unstarted]:
    """A row for each node, of requests that may miss several."""
    rows = tuple(chain.from_iterable(found.shown))
    return Some(rows, found.left + len(rows))


def _missing(row: JobRequest) -> Iterator[Unstarted]:
    pull = row.pull_request
    assert pull is not None  # the query took merged ones
    for node in sorted(set(row.nodes) - set(row.lane_nodes)):  # type: ignore[attr-defined]
        yield Unstarted(row.slug, pull.number, node, pull.merged_at or row.created_at, "")


def strays(projects: Sequence[Project], _now: datetime) -> dict[int, Some[StrayRun]]:
    """Runs of lanes whose request is not merged for the node, and runs that were told of and have no lane."""
    named = Q(lane__request__nodes__contains=[F("lane__node__name")])
    runs = (
        Run.objects.filter(lane__request__project__in=projects)
        .exclude(named, lane__request__pull_request__state="merged")
        .select_related("lane__node", "lane__request__pull_request")
    )
    found = some(oldest_of_each(runs, "lane__request__project_id", "started_at"), _stray)
    for project, told in _told(projects).items():
        found[project] = together([found.get(project, Some()), told], lambda each: each.at)
    return found


def _stray(run: Run) -> StrayRun:
    request = run.lane.request
    pull = request.pull_request if run.lane.node.name in request.nodes else None
    number, state = (pull.number, pull.state) if pull else (None, "")
    return StrayRun(request.slug, run.lane.node.name, run.run, run.status, run.started_at, number, state)


def _told(projects: Sequence[Project]) -> dict[int, Some[StrayRun]]:
    found: dict[int, Some[StrayRun]] = {}
    values = {"projects": [each.pk for each in projects], "newest": NEWEST_MESSAGES, "most": MOST}
    with connection.cursor() as cursor:
        cursor.execute(STRAY_REPORTS, values)
        for project, node, request, run, status, at, number, state, _, total in cursor.fetchall():
            row = StrayRun(request[:64], node, run[:40], status, at, number, state)
            found[project] = Some((*found.get(project, Some()).shown, row), total)
    return found
