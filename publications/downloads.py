"""Downloads: who may have which released file, and the row and audit event that each one leaves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from governance.audit import record
from governance.models import Person, Project, Registration
from publications import store
from publications.models import Download, Publication, PublishedFile

ONE_PULL = timedelta(minutes=10)  # DVC asks for the same object several times in one pull
CHUNK = 256 * 1024


def live_files(project: Project) -> QuerySet[PublishedFile]:
    """Released and not withdrawn."""
    return PublishedFile.objects.filter(
        publication__project=project, publication__state=Publication.State.RELEASED
    ).select_related("publication__request", "publication__node", "publication__project")


def file_at(project: Project, md5: str) -> PublishedFile | None:
    """A live file of the project with this content; the newest where several publications hold it."""
    return live_files(project).filter(md5=md5).order_by("-publication__released_at").first()


def open_file(*, by: Person, file: PublishedFile, via: Download.Via) -> str:
    """Record the download, then a signed address for the file's bytes, good for a minute."""
    where, key = _place(file)
    saved = {"filename": file.path.rpartition("/")[2], "media_type": file.media_type}
    address = store.signed_address(where, key, **(saved if via == Download.Via.BROWSER else {}))
    note(by=by, file=file, via=via)
    return address


def stream(*, by: Person, file: PublishedFile, via: Download.Via) -> Iterator[bytes]:
    """Record the download, then the file's bytes in chunks, for readers that cannot be redirected."""
    where, key = _place(file)
    body = store.read(where, key)
    note(by=by, file=file, via=via)
    return body.iter_chunks(CHUNK)


@transaction.atomic
def note(*, by: Person, file: PublishedFile, via: Download.Via) -> None:
    """One row and one audit event for each download; DVC's several requests of one pull are one."""
    recent = Download.objects.filter(person=by, file=file, via=via, at__gt=timezone.now() - ONE_PULL)
    if via == Download.Via.DVC and recent.exists():
        return
    Download.objects.create(person=by, file=file, via=via)
    publication = file.publication
    record(
        by=by,
        action="file.downloaded",
        project=publication.project,
        subject=f"{publication.request.slug}/{publication.node.name}/{file.path}",
        details={"via": str(via), "sha256": file.sha256},
    )


def _place(file: PublishedFile) -> tuple[store.Store, str]:
    publication = file.publication
    return store.store_of(_registration(publication)), store.key_of(publication.project.name, file.md5)


def _registration(publication: Publication) -> Registration:
    return Registration.objects.select_related("node", "project").get(
        project=publication.project, node=publication.node
    )
