"""The sources themselves: when nodes last told of their runs, stores were listed and teams were read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db.models import Max

from governance.models import Project, Registration, Team
from jobs.models import Lane
from portal.reconciliation.facts import NodeRead, OldTeam, StoreRead
from publications.models import Publication, StoreReading

RELEASING = (Lane.State.RELEASING, Lane.State.RELEASE_UNFINISHED)
Place = tuple[int, int]  # a project and a node


def nodes(projects: Sequence[Project]) -> dict[int, tuple[NodeRead, ...]]:
    rows = Registration.objects.filter(project__in=projects).select_related("node", "store_reading")
    releasing, newest = _releasing(projects), _newest_release(projects)
    found: dict[int, tuple[NodeRead, ...]] = {}
    for row in rows.order_by("node__name"):
        place = (row.project_id, row.node_id)
        store: StoreReading | None = getattr(row, "store_reading", None)
        listed_at = store.read_at if store else None
        behind = listed_at is not None and place in newest and newest[place] >= listed_at
        read = NodeRead(
            row.node.name,
            row.node.confirmed_at,
            row.node.problem,
            row.runs_reported_at,
            _store(store),
            place in releasing or behind,
        )
        found[row.project_id] = (*found.get(row.project_id, ()), read)
    return found


def _store(row: StoreReading | None) -> StoreRead | None:
    return StoreRead(row.read_at, row.unread_since, row.problem, row.objects_there) if row else None


def _releasing(projects: Sequence[Project]) -> set[Place]:
    lanes = Lane.objects.filter(request__project__in=projects, state__in=RELEASING)
    return set(lanes.order_by().values_list("request__project", "node").distinct())


def _newest_release(projects: Sequence[Project]) -> dict[Place, datetime]:
    """When each node last released something: a listing that was begun before does not know of it."""
    rows = Publication.objects.filter(project__in=projects, released_at__isnull=False)
    newest = rows.order_by().values_list("project", "node").annotate(at=Max("released_at"))
    return {(project, node): at for project, node, at in newest}


def teams(projects: Sequence[Project]) -> dict[int, tuple[OldTeam, ...]]:
    """The teams that decide about a project's people, as they were last read."""
    named = {each.pk: sorted(set(_named(each))) for each in projects}
    paths = {path for each in named.values() for path in each}
    known = dict(Team.objects.filter(path__in=paths).values_list("path", "confirmed_at"))
    return {pk: tuple(OldTeam(path, known.get(path)) for path in each) for pk, each in named.items()}


def _named(project: Project) -> Iterator[str]:
    said = project.governance
    yield from said.get("researchers", ())
    yield from said.get("controllers", ())
    for node in said.get("nodes", {}).values():
        yield from node.get("controllers", ())
