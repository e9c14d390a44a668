"""Home, what needs you first, and the list of all requests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from governance.access import person_of, signed_in, visible_projects
from governance.models import Person
from jobs.models import Draft
from jobs.reading import RequestView, requests_to_show, view_request
from jobs.states import Actor, State
from portal.pages.problems import problems_of
from portal.pages.queue import Queue, Waiting
from portal.pages.reconciliation import may_reconcile
from portal.pages.reviews import first_of

SHOWN = 5
MOST = 100
DONE_LEAVES_AFTER = timedelta(days=14)


@require_GET
@signed_in
def home(request: HttpRequest) -> HttpResponse:
    person = person_of(request.user)
    assert person is not None  # signed_in saw to it
    projects = list(visible_projects(request.user))
    queue = Queue.of(request.user)
    views = _recent(projects)
    maintained = set(visible_projects(request.user, "maintain_project").values_list("pk", flat=True))
    mine = [view for view in views if _needs(view, person, maintained)]
    needs = [one for one in queue.waiting if one.tab in ("mine", "merge")]
    context = {
        "projects": projects,
        "researches": visible_projects(request.user, "request_job").first(),
        "problems": problems_of(request.user, timezone.now()),
        "may_reconcile": may_reconcile(request.user),
        "needs": needs[:SHOWN],
        "needs_more": max(0, len(needs) - SHOWN),
        "mine": mine[:SHOWN],
        "drafts": Draft.objects.filter(owner=person, request="").select_related("project")[:SHOWN],
        "progress": _in_progress(views, {view.row.pk for view in mine} | _requests_of(needs)),
        "released": [view for view in views if view.state in (State.RELEASED, State.PARTLY_RELEASED)][:SHOWN],
        "others": len(queue.waiting) - len(needs),
        "next": first_of(queue),
    }
    return render(request, "portal/home.html", context)


@require_GET
@signed_in
def requests(request: HttpRequest) -> HttpResponse:
    """All requests of the viewer's projects, newest first; the filters stand in the address."""
    projects = list(visible_projects(request.user))
    chosen = {key: request.GET.get(key, "") for key in ("project", "whose", "q")}
    found = requests_to_show().filter(project__in=projects)
    if chosen["project"]:
        found = found.filter(project__name=chosen["project"])
    if chosen["whose"] == "mine":
        found = found.filter(requester=person_of(request.user))
    if chosen["q"]:
        found = found.filter(Q(title__icontains=chosen["q"]) | Q(slug__icontains=chosen["q"]))
    page = Paginator(found.order_by("-created_at"), 25).get_page(request.GET.get("page"))
    now = timezone.now()
    context = {
        "page": page,
        "views": [view_request(row, now) for row in page],
        "projects": projects,
        "chosen": chosen,
        "filtered": any(chosen.values()),
        "researches": list(visible_projects(request.user, "request_job")),
    }
    return render(request, "portal/requests.html", context)


def _recent(projects: list[Any]) -> list[RequestView]:
    """The newest requests: blocked and failed first; what is done leaves after a while."""
    now = timezone.now()
    rows = requests_to_show().filter(project__in=projects).order_by("-created_at")[:MOST]
    views = [view_request(row, now) for row in rows]
    kept = [view for view in views if not _over(view, now)]
    return sorted(kept, key=lambda view: -view.state.word.urgency)


def _in_progress(views: list[RequestView], above: set[int]) -> list[RequestView]:
    """What goes on and does not stand above already."""
    going = [view for view in views if not view.state.settled and view.row.pk not in above]
    return [view for view in going if view.state is not State.PARTLY_RELEASED][: 2 * SHOWN]


def _requests_of(needs: list[Waiting]) -> set[int]:
    return {one.request.pk for one in needs if one.request is not None}


def _over(view: RequestView, now: Any) -> bool:
    since = view.act.since or view.row.created_at
    return view.state.settled and now - since > DONE_LEAVES_AFTER


def _needs(view: RequestView, person: Person, maintained: set[int]) -> bool:
    """Whether the requester has to act, or a maintainer has to see to what went wrong."""
    if view.state.failed and Actor.MAINTAINER in view.state.acts and view.row.project_id in maintained:
        return True
    return Actor.REQUESTER in view.state.acts and view.row.requester_id == person.pk
