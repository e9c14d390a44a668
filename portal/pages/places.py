"""Projects and nodes as their people see them, and one's own account."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from governance.access import (
    is_administrator,
    may,
    node_or_404,
    person_of,
    project_or_404,
    signed_in,
    visible_nodes,
    visible_projects,
)
from jobs.models import Lane
from jobs.reading import pulls_to_show, requests_to_show, view_change, view_lane, view_request
from portal.pages.posture import posture_of

SHOWN = 10
HAVE_A_THREAD = ("job_request", "result_publication")
UNDER_WAY = ("waiting_for_node", "held", "queued", "running", "run_failed", "collecting", "releasing")


@require_GET
@signed_in
def projects(request: HttpRequest) -> HttpResponse:
    open_ones = Count("pull_requests", filter=Q(pull_requests__state="open"), distinct=True)
    found = visible_projects(request.user).annotate(open_count=open_ones).prefetch_related("nodes")
    return render(request, "portal/projects.html", {"projects": found})


@require_GET
@signed_in
def project(request: HttpRequest, project: str) -> HttpResponse:
    place = project_or_404(request.user, project)
    now = timezone.now()
    changes = pulls_to_show().filter(project=place).exclude(kind__in=HAVE_A_THREAD)
    context = {
        "project": place,
        "nodes": place.nodes.all(),
        "job_types": place.job_types.filter(current=True),
        "requests": [view_request(row, now) for row in requests_to_show().filter(project=place)[:SHOWN]],
        "changes": [view_change(row, now) for row in changes[:SHOWN]],
        "may_request": may(request.user, "request_job", place),
        "governance": place.governance,
        "posture": posture_of(place, now),
        "may_reconcile": may(request.user, "decide_project", place) or is_administrator(request.user),
    }
    return render(request, "portal/project.html", context)


@require_GET
@signed_in
def nodes(request: HttpRequest) -> HttpResponse:
    found = visible_nodes(request.user).prefetch_related("services", "projects")
    return render(request, "portal/nodes.html", {"nodes": found})


@require_GET
@signed_in
def node(request: HttpRequest, node: str) -> HttpResponse:
    place = node_or_404(request.user, node)
    now = timezone.now()
    seen = visible_projects(request.user)
    requests = requests_to_show().filter(
        project__in=seen, lanes__in=Lane.objects.filter(node=place, state__in=UNDER_WAY)
    )
    lanes = [
        view_lane(lane, row, now)
        for row in requests[:SHOWN]
        for lane in row.lanes.all()
        if lane.node_id == place.pk
    ]
    context = {
        "node": place,
        "services": place.services.all(),
        "lanes": lanes,
        "changes": [view_change(row, now) for row in pulls_to_show().filter(node=place)[:SHOWN]],
        "projects": place.projects.filter(pk__in=seen),
        "posture": posture_of(place, now),
    }
    return render(request, "portal/node.html", context)


@require_GET
@signed_in
def account(request: HttpRequest) -> HttpResponse:
    person = person_of(request.user)
    assert person is not None  # signed_in saw to it
    context = {"person": person, "teams": person.teams.order_by("path")}
    return render(request, "portal/account.html", context)
