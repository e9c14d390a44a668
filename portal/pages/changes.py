"""A pull request by its number: what it is, and the pages on which it is approved, sent back or merged.

Every act asks once more on a page of its own, bound to the head that was seen there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from governance import actions, kept
from governance.access import NOT_FOUND, may, node_or_404, person_of, project_or_404, signed_in
from governance.decisions import shown
from governance.eligibility import why_not_bring_up_to_date
from governance.mirrors import mirror
from governance.models import Person, Project, PullRequest
from jobs.deciding import Standing, standing_of
from jobs.diff import FileDiff, patch_files
from jobs.models import JobRequest
from jobs.reading import ChangeView, pulls_to_show, view_change
from portal.pages.queue import Queue, review_address
from portal.pages.threads import DISCUSSION
from portal.pages.timeline import change_events

BODY_LENGTH = 20_000
MOST_OF_A_DIFF = 200_000


@dataclass(frozen=True)
class Deciding:
    """What a page of decision shows: the change, the viewer's standing, the request behind it."""

    view: ChangeView
    standing: Standing
    request: JobRequest | None
    back: str

    @property
    def pull(self) -> PullRequest:
        return self.view.row

    @property
    def title(self) -> str:
        return self.request.title if self.request else self.pull.title

    @property
    def saw(self) -> str:
        """What the approval is for, counted, as a sentence."""
        if self.pull.kind != "job_request" or self.request is None:
            return f"You approve exactly {self.pull.head_sha[:7]}."
        parameters, outputs = len(self.request.parameters), len(self.request.outputs)
        return f"You saw {_counted(parameters, 'parameter')} and {_counted(outputs, 'output')}."

    @property
    def cannot_approve(self) -> str:
        approved = f"You approved {self.standing.head[:7]} already."
        return approved if self.standing.approved else self.standing.why_not_approve


@require_GET
@signed_in
def change(request: HttpRequest, project: str, number: int) -> HttpResponse:
    """Any pull request of a project; a request has its thread, to which this leads on."""
    place = project_or_404(request.user, project)
    pull = _pull(place.pull_requests.all(), number)
    if pull.kind == "job_request" and hasattr(pull, "job_request"):
        return redirect("thread", place.name, pull.job_request.slug)
    view = view_change(pull, timezone.now())
    request_row = _request_behind(pull)
    context = {
        "view": view,
        "project": place,
        "standing": standing_of(_person(request), pull),
        "events": change_events(pull),
        "files": _files(pull),
        "request_row": request_row,
        "record": shown(pull),
        "outputs": review_address(pull) if pull.kind == "result_publication" else "",
    }
    return render(request, "portal/change.html", context)


@require_GET
@signed_in
def node_change(request: HttpRequest, node: str, number: int) -> HttpResponse:
    place = node_or_404(request.user, node)
    pull = _pull(place.pull_requests.all(), number)
    context = {
        "view": view_change(pull, timezone.now()),
        "node": place,
        "events": change_events(pull),
        "files": _files(pull),
    }
    return render(request, "portal/change.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def approve(request: HttpRequest, project: str, number: int) -> HttpResponse:
    deciding = _deciding(request, project, number)
    if request.method == "GET":
        return _confirm(request, "portal/approve.html", deciding, typed=_typed(request))
    head = request.POST.get("head", "")
    body = request.POST.get("body", "").strip()[:BODY_LENGTH]
    actions.approve(pull_request=deciding.pull, head=head, body=body, by=_person(request))
    left = len(Queue(request.user).awaiting_me)
    messages.success(request, f"Approved {head[:7]}. {_left(left)}", extra_tags="green")
    return redirect(deciding.back)


@require_http_methods(["GET", "POST"])
@signed_in
def request_changes(request: HttpRequest, project: str, number: int) -> HttpResponse:
    """A reason is asked for: the requester has to know what to change."""
    deciding = _deciding(request, project, number)
    if request.method == "GET":
        return _confirm(request, "portal/request_changes.html", deciding, typed=_typed(request))
    body = request.POST.get("body", "").strip()
    problem = "" if body else "Say what has to change. The requester reads it."
    if len(body) > BODY_LENGTH:
        problem = f"Shorten this to {BODY_LENGTH} characters."
    if problem:
        return _confirm(
            request, "portal/request_changes.html", deciding, typed=body, problem=problem, status=422
        )
    head = request.POST.get("head", "")
    actions.request_changes(pull_request=deciding.pull, head=head, body=body, by=_person(request))
    messages.success(request, f"Changes requested at {head[:7]}.", extra_tags="amber")
    return redirect(deciding.back)


@require_http_methods(["GET", "POST"])
@signed_in
def merge(request: HttpRequest, project: str, number: int) -> HttpResponse:
    deciding = _deciding(request, project, number)
    if request.method == "GET":
        return _confirm(request, "portal/merge.html", deciding)
    head = request.POST.get("head", "")
    done = actions.merge(pull_request=deciding.pull, head=head, by=_person(request))
    said = "Nothing was done twice: it was merged already." if done.already else f"Merged {head[:7]}."
    messages.success(request, said, extra_tags="green")
    return redirect(deciding.back)


@require_http_methods(["GET", "POST"])
@signed_in
def bring_up_to_date(request: HttpRequest, project: str, number: int) -> HttpResponse:
    """The base is merged into the branch by Lockgate's App; what was approved before lapses."""
    deciding = _deciding(request, project, number)
    if request.method == "GET":
        reason = why_not_bring_up_to_date(_person(request), deciding.pull)
        return _confirm(request, "portal/bring_up_to_date.html", deciding, reason=reason)
    head = request.POST.get("head", "")
    done = actions.bring_up_to_date(pull_request=deciding.pull, head=head, by=_person(request))
    said = "It is brought up to date in a moment." if done.waits else "Brought up to date."
    messages.success(request, said, extra_tags="blue" if done.waits else "green")
    return redirect(deciding.back)


@require_http_methods(["GET", "POST"])
@signed_in
def close(request: HttpRequest, project: str, number: int) -> HttpResponse:
    """Rejected by a controller, or cancelled by who asked for it; both close it without a merge."""
    deciding = _deciding(request, project, number, permission="view_project")
    person, row = _person(request), deciding.request
    own = deciding.pull.author_id == person.pk or (row is not None and row.requester_id == person.pk)
    if not own and not may(request.user, "decide_project", deciding.pull.place):
        raise Http404(NOT_FOUND)
    back = reverse("thread", args=[project, row.slug]) if row else deciding.back
    if request.method == "GET":
        return _confirm(request, "portal/close.html", deciding, own=own, back=back)
    actions.close(pull_request=deciding.pull, by=person)
    messages.success(request, "Cancelled." if own else "Rejected.", extra_tags="grey")
    return redirect(back)


def _confirm(request: HttpRequest, template: str, deciding: Deciding, **more: Any) -> HttpResponse:
    status = more.pop("status", 200)
    context = {"deciding": deciding, "project": deciding.pull.project, **more}
    return render(request, template, context, status=status)


def _deciding(
    request: HttpRequest, project: str, number: int, permission: str = "decide_project"
) -> Deciding:
    place = project_or_404(request.user, project, permission)
    pull = _pull(place.pull_requests.all(), number)
    row = _request_behind(pull)
    back = review_address(pull)
    request.back = back  # type: ignore[attr-defined]  # where a page of error leads
    standing = standing_of(_person(request), pull)
    return Deciding(view_change(pull, timezone.now()), standing, row, back)


def _pull(found: Any, number: int) -> PullRequest:
    pull = pulls_to_show().prefetch_related(*DISCUSSION).filter(pk__in=found, number=number).first()
    if pull is None:
        raise Http404(NOT_FOUND)
    return pull


def _files(pull: PullRequest) -> tuple[FileDiff, ...]:
    """What the change does to each file, from the portal's own mirror."""
    patch = mirror(pull.repository).diff(pull.merge_base, pull.head_sha, most=MOST_OF_A_DIFF)
    return patch_files(patch, most=MOST_OF_A_DIFF)


def _request_behind(pull: PullRequest) -> JobRequest | None:
    """The job request that this asks for, or whose results it brings."""
    if not pull.request or not isinstance(pull.place, Project):
        return None
    rows = JobRequest.objects.select_related("requester", "project")
    return rows.filter(project=pull.place, slug=pull.request).first()


def _person(request: HttpRequest) -> Person:
    person = person_of(request.user)
    assert person is not None  # signed_in saw to it
    return person


def _typed(request: HttpRequest) -> str:
    """What had been written when the session ended."""
    found = kept.take(request)
    return str(found.get("body", "")) if found else ""


def _left(count: int) -> str:
    return f"{count} more await you." if count else "Nothing else awaits you."


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
