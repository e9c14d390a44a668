"""New requests: choose a job, fill in its form, see the exact file, send it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from governance import actions, kept
from governance.access import NOT_FOUND, person_of, project_or_404, signed_in
from governance.models import Project
from jobs import models
from jobs.drafts import file_of, job_type_of, node_names, plan, save_draft, shown, typed_from
from jobs.forms import RequestForm, empty_form, read_form, repeat_form, show_form
from jobs.models import Draft, JobRequest
from jobs.reading import days_to_decide, earlier_request


@require_GET
@signed_in
def choose_job(request: HttpRequest, project: str) -> HttpResponse:
    place = project_or_404(request.user, project, "request_job")
    drafts = Draft.objects.filter(owner=person_of(request.user), project=place, request="")
    context = {"project": place, "job_types": place.job_types.filter(current=True), "drafts": drafts[:10]}
    return render(request, "jobs/choose.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def new_request(request: HttpRequest, project: str, job: str) -> HttpResponse:
    place = project_or_404(request.user, project, "request_job")
    row = get_object_or_404(place.job_types, name=job, current=True)
    if request.method == "POST":
        return _submit(request, place, row, None)
    form = empty_form(job_type_of(row), node_names(place))
    return _page(request, place, row, _given_back(request, row, place) or form)


@require_GET
@signed_in
def repeat(request: HttpRequest, project: str, slug: str) -> HttpResponse:
    """The form of an earlier request's job, filled with its answers."""
    place = project_or_404(request.user, project, "request_job")
    earlier = get_object_or_404(JobRequest.objects.select_related("requester"), project=place, slug=slug)
    row = get_object_or_404(place.job_types, name=earlier.job, current=True)
    form = repeat_form(job_type_of(row), earlier_request(earlier), node_names(place))
    return _page(request, place, row, form)


@require_http_methods(["GET", "POST"])
@signed_in
def draft(request: HttpRequest, draft: UUID) -> HttpResponse:
    found = _own_draft(request, draft)
    row = get_object_or_404(models.JobType, project=found.project, name=found.job)
    if found.request:
        return _to_what_was_sent(found)
    if request.method == "POST":
        return _submit(request, found.project, row, found)
    form = _given_back(request, row, found.project) or shown(
        found, job_type_of(row), node_names(found.project), judged=False
    )
    return _page(request, found.project, row, form, found)


@require_GET
@signed_in
def preview(request: HttpRequest, draft: UUID) -> HttpResponse:
    """The exact file that will be committed, and what happens next."""
    found = _own_draft(request, draft)
    if found.request:
        return _to_what_was_sent(found)
    row, form = _judged(found)
    if not form.clean or not row.current:
        return _page(request, found.project, row, form, found)
    path, text = file_of(plan(found, form, today=timezone.now().date()))
    context = {
        "project": found.project,
        "job_type": row,
        "draft": found,
        "path": path,
        "text": text,
        "form": form,
        "days": days_to_decide(found.project.governance),
    }
    return render(request, "jobs/preview.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def send(request: HttpRequest, draft: UUID) -> HttpResponse:
    """Send what the preview showed; where the file would be another by now, show it first."""
    found = _own_draft(request, draft)
    if found.request:
        return _to_what_was_sent(found)
    if request.method == "GET":  # back from a sign-in in between
        return redirect("preview_request", found.pk)
    row, form = _judged(found)
    if not form.clean or not row.current:
        return _page(request, found.project, row, form, found)
    wanted = plan(found, form, today=timezone.now().date())
    if file_of(wanted)[1] != request.POST.get("file", "").replace("\r\n", "\n"):
        return redirect("preview_request", found.pk)
    person = person_of(request.user)
    assert person is not None  # signed_in saw to it
    pull = actions.open_request(project=found.project, request=wanted, by=person)
    found.request = wanted.id
    Draft.objects.filter(pk=found.pk).update(request=wanted.id, saved_at=timezone.now())
    sent = f"Sent as pull request #{pull.number}." if pull else "Sent. It shows here once GitHub answers."
    messages.success(request, sent, extra_tags="green")
    return _to_what_was_sent(found)


@require_http_methods(["GET", "POST"])
@signed_in
def discard(request: HttpRequest, draft: UUID) -> HttpResponse:
    found = _own_draft(request, draft)
    if request.method == "GET":  # back from a sign-in in between
        return redirect("draft", found.pk)
    found.delete()
    return redirect("new_request", found.project.name)


def _to_what_was_sent(draft: Draft) -> HttpResponse:
    """To its thread, or to the list of requests where GitHub could not be read yet: then there is none."""
    if JobRequest.objects.filter(project=draft.project, slug=draft.request).exists():
        return redirect("thread", draft.project.name, draft.request)
    return redirect("requests")


def _submit(request: HttpRequest, project: Project, row: models.JobType, draft: Draft | None) -> HttpResponse:
    """Keep what was typed first; then judge it where the preview is asked for."""
    typed = typed_from(dict(request.POST.lists()))
    job_type, nodes = job_type_of(row), node_names(project)
    wants_preview = request.POST.get("action") != "save"
    form = read_form(job_type, typed, nodes) if wants_preview else show_form(job_type, typed, nodes)
    person = person_of(request.user)
    assert person is not None  # signed_in saw to it
    draft = save_draft(by=person, project=project, job=row.name, form=form, draft=draft)
    if not wants_preview:
        return redirect("draft", draft.pk)
    if form.clean and row.current:
        return redirect("preview_request", draft.pk)
    return _page(request, project, row, form, draft)


def _page(
    request: HttpRequest,
    project: Project,
    row: models.JobType,
    form: RequestForm,
    draft: Draft | None = None,
) -> HttpResponse:
    context = {"project": project, "job_type": row, "form": form, "draft": draft}
    return render(request, "jobs/form.html", context, status=200 if form.clean else 422)


def _given_back(request: HttpRequest, row: models.JobType, project: Project) -> RequestForm | None:
    """What had been typed when the session ended."""
    typed = kept.take(request)
    if typed is None:
        return None
    return show_form(job_type_of(row), typed_from(dict(typed.lists())), node_names(project))


def _judged(draft: Draft) -> tuple[models.JobType, RequestForm]:
    row = get_object_or_404(models.JobType, project=draft.project, name=draft.job)
    return row, shown(draft, job_type_of(row), node_names(draft.project), judged=True)


def _own_draft(request: HttpRequest, draft: UUID) -> Draft:
    """A draft of one's own, in a project where one may still request jobs."""
    drafts = Draft.objects.select_related("project", "owner")
    found = drafts.filter(pk=draft, owner=person_of(request.user)).first()
    if found is None:
        raise Http404(NOT_FOUND)
    project_or_404(request.user, found.project.name, "request_job")
    return found
