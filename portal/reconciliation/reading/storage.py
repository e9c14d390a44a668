"""Releases, objects of publication storage, and files that are not there as they were released."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Least

from governance.models import Project
from portal.reconciliation.facts import LostFile, Some, StrayObject, StrayRelease
from portal.reconciliation.limits import OBJECT_SETTLES
from portal.reconciliation.reading.places import at_a_release
from portal.reconciliation.reading.rows import oldest_of_each, some
from publications.models import Publication, PublishedFile, StoreObject, StoreReading


def releases(projects: Sequence[Project], _now: datetime) -> dict[int, Some[StrayRelease]]:
    as_merged = Q(pull_request__state="merged", merge_sha=F("pull_request__merge_sha"))
    rows = Publication.objects.filter(~as_merged, project__in=projects)
    found = rows.select_related("pull_request", "request", "node")
    return some(oldest_of_each(found, "project_id", "since"), _release)


def _release(row: Publication) -> StrayRelease:
    pull = row.pull_request
    return StrayRelease(
        row.request.slug,
        row.node.name,
        pull.number,
        row.get_state_display().lower(),
        row.since,
        row.merge_sha,
        pull.state,
        pull.merge_sha,
    )


def objects(projects: Sequence[Project], now: datetime) -> dict[int, Some[StrayObject]]:
    """Those of nodes that release nothing stand first: nothing explains them."""
    rows = (
        StoreObject.objects.filter(reading__registration__project__in=projects)
        .annotate(known_since=Least("modified_at", "since"))
        .filter(known_since__lt=now - OBJECT_SETTLES)
        .annotate(releasing=at_a_release("reading__registration__"))
        .select_related("reading__registration__node")
    )
    return some(oldest_of_each(rows, "reading__registration__project_id", "releasing", "since"), _object)


def _object(row: StoreObject) -> StrayObject:
    return StrayObject(row.reading.registration.node.name, row.key, row.size, row.modified_at, row.since)


def files(projects: Sequence[Project], _now: datetime) -> dict[int, Some[LostFile]]:
    """Files that were out before the last whole listing was begun, and that it did not see as they were."""
    readings = StoreReading.objects.filter(
        registration__project=OuterRef("publication__project"),
        registration__node=OuterRef("publication__node"),
    )
    missing = Q(seen_at__isnull=True) | Q(seen_at__lt=F("listed_at"))
    rows = (
        PublishedFile.objects.filter(
            publication__project__in=projects, publication__state=Publication.State.RELEASED
        )
        .annotate(listed_at=Subquery(readings.values("read_at")))
        .filter(missing | ~Q(seen_size=F("size")), publication__released_at__lt=F("listed_at"))
        .select_related("publication__request", "publication__node", "publication__pull_request")
    )
    return some(oldest_of_each(rows, "publication__project_id", "publication__released_at"), _file)


def _file(row: PublishedFile) -> LostFile:
    publication = row.publication
    assert publication.released_at is not None  # the query took released ones
    seen = row.seen_at is not None and row.seen_at >= row.listed_at  # type: ignore[attr-defined]
    return LostFile(
        publication.request.slug,
        publication.node.name,
        publication.pull_request.number,
        row.path,
        row.size,
        row.seen_size if seen else None,
        publication.released_at,
    )
