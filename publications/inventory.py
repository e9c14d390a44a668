"""What lies in publication storage, held against what was released: listed page by page, from time to time.

Which files of releases were seen is written on their rows, and what belongs to no release is kept as rows,
so that memory holds one page however large the store is. Nothing of it decides anything.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from governance.models import Registration
from governance.passes import also_due
from governance.work import Gone, ask, does
from lockgate.errors import LockgateError
from publications.models import Publication, PublishedFile, StoreObject, StoreReading
from publications.store import Page, Stored, list_page, store_of

LIST_STORE = "list_store"
EVERY = timedelta(minutes=10)
LONGEST_STEP = 15.0  # seconds
KEPT = 200  # objects without a release, of one store
MD5_KEY = re.compile(r"files/md5/([0-9a-f]{2})/([0-9a-f]{30}(?:\.dir)?)")


@also_due
def stores_to_list() -> Iterable[tuple[str, str]]:
    rows = Registration.objects.values_list("project__name", "node__name")
    return [(LIST_STORE, f"{project}:{node}") for project, node in rows]


@does(LIST_STORE, every=EVERY)
def list_store(subject: str) -> None:
    """List a project's store on a node, `<project>:<node>`: as many pages as fit into one step."""
    registration = _registration(subject)
    reading, ends = _begin(registration), time.monotonic() + LONGEST_STEP
    try:
        store = store_of(registration)
        while reading.began_at is not None:
            page = list_page(store, f"{registration.project.name}/", reading.cursor)
            if not _take_in(reading, registration, page):
                return  # another worker came further meanwhile
            if page.next and time.monotonic() > ends:
                ask(LIST_STORE, subject)
                return
    except LockgateError as error:
        _keep_unread(reading, error.what)
        if error.retryable:
            raise  # comes back soon; what waiting does not mend comes back with the next period


def _registration(subject: str) -> Registration:
    project, _, node = subject.partition(":")
    rows = Registration.objects.select_related("project", "node")
    found = rows.filter(project__name=project, node__name=node).first()
    if found is None:
        raise Gone
    return found


def _begin(registration: Registration) -> StoreReading:
    """The reading under way, or a new one."""
    reading, _ = StoreReading.objects.get_or_create(registration=registration)
    if reading.began_at is None:
        reading.began_at, reading.cursor, reading.listed, reading.strange = timezone.now(), "", 0, 0
        reading.save(update_fields=["began_at", "cursor", "listed", "strange"])
    return reading


@transaction.atomic
def _take_in(reading: StoreReading, registration: Registration, page: Page) -> bool:
    """Write one page; behind the last one the reading is whole. False where it is not this one's turn."""
    assert reading.began_at is not None
    if not _is_where_it_was(reading):
        return False
    sizes = {md5_of(each.key, registration.project.name): each.size for each in page.objects}
    released = _released(registration, sizes)
    _mark_seen(registration, sizes, reading.began_at)
    strangers = [each for each in page.objects if md5_of(each.key, registration.project.name) not in released]
    _keep_strangers(reading, strangers, reading.began_at)
    reading.listed += len(page.objects)
    reading.strange += len(strangers)
    reading.cursor = page.next
    if not page.next:
        _end(reading, reading.began_at)
    reading.save()
    return True


def _is_where_it_was(reading: StoreReading) -> bool:
    """Locks the row: a worker that lost its lease never mixes with the one that goes on."""
    row = StoreReading.objects.select_for_update().filter(pk=reading.pk).first()
    return row is not None and (row.began_at, row.cursor) == (reading.began_at, reading.cursor)


def _released(registration: Registration, sizes: Mapping[str | None, int]) -> frozenset[str]:
    """Those sums that a release of the project names with this size, on whatever node.

    Another size under a sum that this node released is told of the file itself.
    """
    live = PublishedFile.objects.filter(
        publication__project=registration.project,
        publication__state=Publication.State.RELEASED,
        md5__in=[each for each in sizes if each],
    )
    rows = live.values_list("md5", "size", "publication__node")
    return frozenset(md5 for md5, size, node in rows if size == sizes[md5] or node == registration.node_id)


def _mark_seen(registration: Registration, sizes: Mapping[str | None, int], at: datetime) -> None:
    """On the rows of files that this node released, also those that were withdrawn since."""
    rows = PublishedFile.objects.filter(
        publication__project=registration.project,
        publication__node=registration.node,
        md5__in=[each for each in sizes if each],
    )
    seen = list(rows)
    for row in seen:
        row.seen_at, row.seen_size = at, sizes[row.md5]
    PublishedFile.objects.bulk_update(seen, ["seen_at", "seen_size"])


def _keep_strangers(reading: StoreReading, strangers: Sequence[Stored], at: datetime) -> None:
    """Known ones keep the time at which they were found; new ones are kept while there is room."""
    keys = [stored.key[:1024] for stored in strangers]
    reading.objects_kept.filter(key__in=keys).update(seen_at=at)
    known = set(reading.objects_kept.filter(key__in=keys).values_list("key", flat=True))
    room = max(0, KEPT - reading.objects_kept.count())
    new = [stored for stored in strangers if stored.key[:1024] not in known][:room]
    StoreObject.objects.bulk_create(
        StoreObject(
            reading=reading,
            key=stored.key[:1024],
            size=stored.size,
            modified_at=stored.modified_at,
            since=at,
            seen_at=at,
        )
        for stored in new
    )


def _end(reading: StoreReading, began_at: datetime) -> None:
    reading.objects_kept.filter(seen_at__lt=began_at).delete()
    reading.read_at, reading.objects_there, reading.strangers = began_at, reading.listed, reading.strange
    reading.unread_since, reading.problem, reading.began_at = None, "", None


@transaction.atomic
def _keep_unread(reading: StoreReading, problem: str) -> None:
    """It could not be listed: the next time begins anew, and what was found before stays."""
    if not _is_where_it_was(reading):
        return
    reading.unread_since = reading.unread_since or timezone.now()
    reading.problem, reading.began_at, reading.cursor = problem[:500], None, ""
    reading.save()


def md5_of(key: str, project: str) -> str | None:
    """The sum by which DVC's layout addresses this object; None for what is not of that layout."""
    found = MD5_KEY.fullmatch(key.removeprefix(f"{project}/"))
    return "".join(found.groups()) if found and key.startswith(f"{project}/") else None
