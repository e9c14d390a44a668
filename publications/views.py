"""Publications: the list, one request's publication, and its files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain

from django.db.models import Count, Prefetch, QuerySet, Sum
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.views.decorators.http import require_GET

from governance.access import (
    NOT_FOUND,
    OPENS_DOWNLOADS,
    person_of,
    project_or_404,
    require_fresh,
    signed_in,
    visible_projects,
)
from governance.models import Person, Project
from publications import downloads
from publications.archive import zipped
from publications.models import Download, Publication, PublishedFile

LATEST = 50


@require_GET
@signed_in
def publications(request: HttpRequest) -> HttpResponse:
    """What was released lately to the viewer's projects, and what is on its way."""
    rows = (
        Publication.objects.filter(project__in=visible_projects(request.user))
        .exclude(state=Publication.State.WITHDRAWN)
        .select_related("request", "project", "node")
        .annotate(file_count=Count("files"), total=Sum("files__size"))
        .order_by("-since")
    )
    shown = list(rows[: LATEST + 1])
    return render(
        request,
        "publications/list.html",
        {"publications": shown[:LATEST], "more": len(shown) > LATEST, "latest": LATEST},
    )


@require_GET
@signed_in
def publication(request: HttpRequest, project: str, slug: str) -> HttpResponse:
    """What one request has given on each node, and how to get it."""
    place = project_or_404(request.user, project)
    rows = _publications(place, slug)
    files = [file for row in rows for file in _shown(row)]
    context = {
        "project": place,
        "job_request": rows[0].request,
        "publications": rows,
        "files": files,
        "total": sum(file.size for file in files),
    }
    return render(request, "publications/publication.html", context)


@require_GET
@signed_in
def file(request: HttpRequest, project: str, slug: str, node: str, path: str) -> HttpResponse:
    """One released file, by a signed address."""
    place, person = _reader(request, project)
    found = downloads.live_files(place).filter(
        publication__request__slug=slug, publication__node__name=node, path=path
    )
    wanted = found.order_by("-publication__released_at").first()
    if wanted is None:
        raise Http404(NOT_FOUND)
    return HttpResponseRedirect(downloads.open_file(by=person, file=wanted, via=Download.Via.BROWSER))


@require_GET
@signed_in
def archive(request: HttpRequest, project: str, slug: str) -> StreamingHttpResponse:
    """All released files of a request with their sums, in one ZIP."""
    place, person = _reader(request, project)
    content = zipped(_entries(_live(place, slug), person))
    first = next(content)  # before the answer begins: a store that is down is said on a page
    return StreamingHttpResponse(
        chain([first], content),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{slug}.zip"'},
    )


@require_GET
@signed_in
def sums(request: HttpRequest, project: str, slug: str) -> HttpResponse:
    """SHA256SUMS: `sha256sum --check` proves a download."""
    place, _ = _reader(request, project)
    return HttpResponse(_sums(_live(place, slug)), content_type="text/plain; charset=utf-8")


def _reader(request: HttpRequest, project: str) -> tuple[Project, Person]:
    place = project_or_404(request.user, project)
    require_fresh(request.user, "view_project", place, within=OPENS_DOWNLOADS)
    person = person_of(request.user)
    assert person is not None  # `signed_in` has seen to it
    return place, person


def _publications(project: Project, slug: str) -> list[Publication]:
    files = PublishedFile.objects.annotate(times=Count("downloads"))
    rows = list(
        Publication.objects.filter(project=project, request__slug=slug)
        .select_related("request__requester", "node", "pull_request__merged_by", "project")
        .prefetch_related(Prefetch("files", queryset=files))
        .order_by("node__name", "-since")
    )
    if not rows:
        raise Http404(NOT_FOUND)
    return rows


def _shown(row: Publication) -> list[PublishedFile]:
    """The files a reader sees; a directory's own listing is DVC's business."""
    if row.state != Publication.State.RELEASED:
        return []
    return [file for file in row.files.all() if not file.md5.endswith(".dir")]


def _live(project: Project, slug: str) -> Sequence[PublishedFile]:
    rows: QuerySet[PublishedFile] = downloads.live_files(project).filter(publication__request__slug=slug)
    files = [file for file in rows if not file.md5.endswith(".dir")]
    if not files:
        raise Http404(NOT_FOUND)
    return files


def _place_in_archive(file: PublishedFile) -> str:
    return f"{file.publication.request.slug}/{file.publication.node.name}/{file.path}"


def _sums(files: Sequence[PublishedFile]) -> str:
    return "".join(f"{file.sha256}  {_place_in_archive(file)}\n" for file in files)


def _entries(
    files: Sequence[PublishedFile], person: Person
) -> Iterator[tuple[str, datetime, Iterator[bytes]]]:
    for one in files:
        released = one.publication.released_at
        assert released is not None  # held by the constraint
        content = downloads.stream(by=person, file=one, via=Download.Via.BROWSER)
        yield _place_in_archive(one), released, content
    newest = max(one.publication.released_at for one in files if one.publication.released_at)
    yield "SHA256SUMS", newest, iter([_sums(files).encode()])
