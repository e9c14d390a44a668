"""The thread of a request, from form to download, and the page on which it is reviewed."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from governance import actions, kept
from governance.access import NOT_FOUND, may, person_of, project_or_404, signed_in
from governance.decisions import shown
from governance.models import CheckRun, Comment, Person, Project, PullRequest, Review
from governance.verdicts import decision_of
from jobs.deciding import standing_of
from jobs.models import JobRequest
from jobs.reading import RequestView, requests_to_show, view_request
from portal.pages.queue import Queue
from portal.pages.timeline import thread_events
from portal.states import Role, primary, steps

STOP_ASKING = 286
COMMENT_LENGTH = 20_000
DISCUSSION = (
    Prefetch("checks", CheckRun.objects.order_by("name", "-remote_id")),
    Prefetch("reviews", Review.objects.select_related("author")),
    Prefetch("comments", Comment.objects.select_related("author")),
)


@require_GET
@signed_in
def thread(request: HttpRequest, project: str, slug: str) -> HttpResponse:
    place = project_or_404(request.user, project)
    return _thread(request, _view(place, slug))


@require_GET
@signed_in
def live(request: HttpRequest, project: str, slug: str) -> HttpResponse:
    """Status, lanes and timeline as they are now: 204 where nothing changed, 286 once nothing will."""
    place = project_or_404(request.user, project)
    context = _progress(_view(place, slug))
    if request.GET.get("seen") == context["seen"]:
        return HttpResponse(status=204)
    status = STOP_ASKING if context["view"].state.settled else 200
    return render(request, "portal/thread_live.html", context | {"live": True}, status=status)


@require_http_methods(["GET", "POST"])
@signed_in
def comment(request: HttpRequest, project: str, slug: str) -> HttpResponse:
    """Send a comment; by GET, the thread with what had been typed when the session ended."""
    place = project_or_404(request.user, project)
    view = _view(place, slug)
    if request.method == "GET":
        typed = kept.take(request)
        return _thread(request, view, typed=typed.get("body", "") if typed else "")
    body = request.POST.get("body", "").strip()
    problem = _comment_problem(view, body)
    if problem:
        return _thread(request, view, typed=body, problem=problem)
    actions.comment(pull_request=view.pull, body=body, by=_person(request))
    return redirect("thread", place.name, slug)


@require_GET
@signed_in
def review(request: HttpRequest, project: str, slug: str) -> HttpResponse:
    """What a controller reads before deciding, with the decision beside it."""
    place = project_or_404(request.user, project, "decide_project")
    view = _view(place, slug)
    if view.pull is None:
        raise Http404(NOT_FOUND)
    last = _last_approved(view.row)
    context = _progress(view) | {
        "standing": standing_of(_person(request), view.pull),
        "decision": decision_of(view.pull),
        "parameters": _beside(view.row, last),
        "last": last,
        "left": max(0, len(Queue.of(request.user).awaiting_me)),
    }
    return render(request, "portal/review.html", context)


def _thread(request: HttpRequest, view: RequestView, typed: str = "", problem: str = "") -> HttpResponse:
    context = _progress(view) | _side(request, view) | {"typed": typed, "problem": problem}
    return render(request, "portal/thread.html", context, status=422 if problem else 200)


def requests_with_discussion() -> QuerySet[JobRequest]:
    discussion = [Prefetch(f"pull_request__{one.prefetch_through}", one.queryset) for one in DISCUSSION]
    results = [Prefetch(f"lanes__result__{one.prefetch_through}", one.queryset) for one in DISCUSSION]
    return requests_to_show().prefetch_related(*discussion, *results)


def _view(place: Project, slug: str) -> RequestView:
    row = requests_with_discussion().filter(project=place, slug=slug).first()
    if row is None:
        raise Http404(NOT_FOUND)
    return view_request(row, timezone.now())


def _progress(view: RequestView) -> dict[str, Any]:
    """What moves on a thread, with a digest by which a page tells whether it has seen it."""
    merged = view.pull is not None and view.pull.state == PullRequest.State.MERGED
    events = thread_events(view)
    told = [
        view.state,
        view.act.says,
        view.act.since,
        *((lane.state, lane.act.says) for lane in view.lanes),
        events,
    ]
    seen = hashlib.sha256(repr(told).encode()).hexdigest()[:16]
    return {
        "view": view,
        "project": view.row.project,
        "steps": steps(view.state, merged=merged),
        "merged": merged,
        "events": events,
        "seen": seen,
    }


def _side(request: HttpRequest, view: RequestView) -> dict[str, Any]:
    person = person_of(request.user)
    role = _role(request, view, person)
    merged = view.pull is not None and view.pull.state == PullRequest.State.MERGED
    act = primary(view.state, role, merged=merged)
    lane = next((lane for lane in view.lanes if lane.state is view.state), None)
    open_still = view.pull is not None and view.pull.state == PullRequest.State.OPEN
    may_cancel = role is Role.REQUESTER and open_still
    record = shown(view.pull)
    return {"role": role, "act_now": act, "act_lane": lane, "may_cancel": may_cancel, "record": record}


def _person(request: HttpRequest) -> Person:
    person = person_of(request.user)
    assert person is not None  # signed_in saw to it
    return person


def _role(request: HttpRequest, view: RequestView, person: Person | None) -> Role:
    if person is not None and view.row.requester_id == person.pk:
        return Role.REQUESTER
    if may(request.user, "decide_project", view.row.project):
        return Role.CONTROLLER
    return Role.MAINTAINER if may(request.user, "maintain_project", view.row.project) else Role.MEMBER


def _comment_problem(view: RequestView, body: str) -> str:
    if view.pull is None:
        return "This request has no pull request yet, so there is nothing to comment on."
    if not body:
        return "Write what you want to say."
    return f"Shorten this to {COMMENT_LENGTH} characters." if len(body) > COMMENT_LENGTH else ""


def _last_approved(row: JobRequest) -> JobRequest | None:
    """The newest merged request of the same job, to compare with."""
    earlier = JobRequest.objects.filter(
        project=row.project, job=row.job, pull_request__state="merged", created_at__lt=row.created_at
    )
    return earlier.exclude(pk=row.pk).order_by("-created_at").first()


def _beside(row: JobRequest, last: JobRequest | None) -> list[dict[str, Any]]:
    """Each parameter now and in the last approved run, and whether it changed."""
    before = last.parameters if last else {}
    names = [*row.parameters, *(name for name in before if name not in row.parameters)]
    missing = object()
    return [
        {
            "name": name,
            "now": row.parameters.get(name),
            "before": before.get(name),
            "changed": bool(last) and row.parameters.get(name, missing) != before.get(name, missing),
        }
        for name in names
    ]
