"""Reviewing outputs before release: every look is recorded, and made on the node for one viewer."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from governance.access import NOT_FOUND, person_of, signed_in
from jobs.deciding import standing_of
from jobs.reading import pulls_to_show, view_change
from lockgate import messages
from lockgate.errors import Denied
from publications import previews
from publications.access import Review, review_or_404
from publications.models import Output, Preview, Publication, ResultManifest

LATE = timedelta(seconds=20)  # after which the page says that the node has not answered


@dataclass(frozen=True)
class File:
    """One output beside what was promised for it when the job was approved."""

    output: Output
    promised: str
    limit: int

    @property
    def over_limit(self) -> bool:
        return self.output.size > self.limit

    @property
    def kept(self) -> bool:
        return self.promised == self.output.controls


@require_GET
@signed_in
@never_cache
def outputs(request: HttpRequest, project: str, slug: str, node: str) -> HttpResponse:
    review = review_or_404(request.user, project, slug, node)
    pull = review.pull_request
    files = [_file(review, row) for row in pull.outputs.filter(head_sha=pull.head_sha)]
    chosen = next((one for one in files if one.output.name == request.GET.get("file")), None)
    manifest = ResultManifest.objects.filter(pull_request=pull, head_sha=pull.head_sha).first()
    context = {
        "review": review,
        "pull": pull,
        "project": review.project,
        "job_request": review.request,
        "files": files,
        "chosen": chosen or (files[0] if files else None),
        "page": _page(request),
        "manifest": manifest,
        "view": view_change(pulls_to_show().get(pk=pull.pk), timezone.now()),
        "standing": standing_of(review.viewer, pull),
        "earlier": _earlier(review),
        "disclosure": review.project.governance.get("disclosure", {}),
    }
    return render(request, "publications/outputs.html", context)


@require_GET
@signed_in
@never_cache
def preview(request: HttpRequest, project: str, slug: str, node: str, name: str) -> HttpResponse:
    """A page of one output: asked for once, then looked for until the node has sent it."""
    review = review_or_404(request.user, project, slug, node)
    output = review.output(name)
    wanted = request.GET.get("preview")
    if not wanted:
        return _show(
            request, review, output, previews.look(by=review.viewer, output=output, page=_page(request))
        )
    found = _asked_before(review, output, wanted)
    return _gone(request, review, output) if found is None else _show(request, review, output, found)


@require_GET
@signed_in
@never_cache
def preview_image(request: HttpRequest, preview: UUID) -> HttpResponse:
    """The picture of a preview, for the one viewer it was made for."""
    viewer = person_of(request.user)
    if viewer is None:
        raise Http404(NOT_FOUND)
    found = get_object_or_404(
        previews.of_viewer(viewer).select_related("pull_request__project"), pk=preview, state="made"
    )
    pull = found.pull_request
    assert pull.project is not None
    review_or_404(request.user, pull.project.name, pull.request, pull.result_node)
    content, _ = _content(found)
    if not isinstance(content, messages.ImagePreview):
        raise Http404(NOT_FOUND)
    return HttpResponse(base64.b64decode(content.png), content_type="image/png")


def _show(request: HttpRequest, review: Review, output: Output, found: Preview) -> HttpResponse:
    waiting = found.state == Preview.State.WANTED
    made, reason = _content(found)
    context = {
        "preview": found,
        "content": messages.preview_to_plain(made) if made else None,
        "reason": reason,
        "differs": made is not None and _differs(made, output),
        "next_page": _next_page(made, found.page),
        "late": waiting and _late(found),
    }
    response = _answer(request, review, output, context)
    if waiting and not _is_part(request):
        response["Refresh"] = f"2; url=?preview={found.pk}"
    return response


def _late(found: Preview) -> timedelta | None:
    """For how long the node has owed this; None while that is nothing to speak of."""
    waited = timezone.now() - found.created_at
    return waited if waited > LATE else None


def _differs(made: messages.Preview, output: Output) -> bool:
    """Whether the node showed other bytes than the manifest names; a directory's listing has no sum there."""
    if output.md5.endswith(".dir"):
        return False
    return (made.sha256, made.size) != (output.sha256, output.size)


def _gone(request: HttpRequest, review: Review, output: Output) -> HttpResponse:
    """Past its ten minutes, of another head, or another's: nothing to see, and a way to look anew."""
    return _answer(request, review, output, {"gone": True}, status=200 if _is_part(request) else 404)


def _answer(
    request: HttpRequest, review: Review, output: Output, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    template = "publications/preview_box.html" if _is_part(request) else "publications/preview.html"
    told = {"review": review, "project": review.project, "job_request": review.request, "output": output}
    return render(request, template, told | context, status=status)


def _is_part(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def _content(found: Preview) -> tuple[messages.Preview | None, str]:
    """What the node sealed, or why there is nothing to show."""
    if found.state != Preview.State.MADE:
        return None, found.reason
    try:
        return previews.content(found), ""
    except Denied as error:
        return None, error.what


def _next_page(content: messages.Preview | None, page: int) -> int | None:
    if not isinstance(content, messages.TablePreview):
        return None
    return page + 1 if content.first_row + len(content.rows) <= content.total_rows else None


def _asked_before(review: Review, output: Output, wanted: str) -> Preview | None:
    try:
        key = UUID(wanted)
    except ValueError:
        raise Http404(NOT_FOUND) from None
    mine = previews.of_viewer(review.viewer)
    return mine.filter(pk=key, path=output.path, head_sha=output.head_sha).first()


def _file(review: Review, output: Output) -> File:
    promised = review.request.outputs.get(output.name, {}).get("controls", "")
    limit = review.project.governance.get("disclosure", {}).get("max_bytes", 0)
    return File(output, promised, limit)


def _earlier(review: Review) -> list[Publication]:
    """Earlier releases of the same job, also withdrawn ones: what they told limits what this one may tell."""
    told = [Publication.State.RELEASED, Publication.State.WITHDRAWN]
    return list(
        Publication.objects.filter(project=review.project, request__job=review.request.job, state__in=told)
        .exclude(pull_request=review.pull_request)
        .select_related("request", "node")
        .order_by("-since")[:5]
    )


def _page(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return max(1, int(text)) if text.isdecimal() and len(text) < 7 else 1
