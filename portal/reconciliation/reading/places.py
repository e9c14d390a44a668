"""The sources themselves: when nodes last told of their runs, stores were listed and teams were read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef

from governance.models import Project, Registration, Team
from jobs.models import Lane
from portal.reconciliation.facts import NodeRead, OldTeam, StoreRead
from publications.models import Publication, StoreReading

RELEASING = (Lane.State.RELEASING, Lane.State.RELEASE_UNFINISHED)


def nodes(projects: Sequence[Project]) -> dict[int, tuple[NodeRead, ...]]:
    rows = Registration.objects.filter(project__in=projects).select_related("node", "store_reading")
    found: dict[int, tuple[NodeRead, ...]] = {}
    for row in rows.annotate(releasing=at_a_release()).order_by("node__name"):
        store: StoreReading | None = getattr(row, "store_reading", None)
        read = NodeRead(
            row.node.name,
            row.node.confirmed_at,
            row.node.problem,
            row.runs_reported_at,
            _store(store),
            row.releasing,
        )
        found[row.project_id] = (*found.get(row.project_id, ()), read)
    return found


def _store(row: StoreReading | None) -> StoreRead | None:
    return StoreRead(row.read_at, row.unread_since, row.problem, row.objects_there) if row else None


def at_a_release(registration: str = "") -> ExpressionWrapper:
    """Of rows that lead to a registration by this path: whether its node is at a release for the project, or
    has ended one that the last listing of its store, begun before, does not know of.
    """
    project, node = OuterRef(f"{registration}project"), OuterRef(f"{registration}node")
    lanes = Lane.objects.filter(request__project=project, node=node, state__in=RELEASING)
    listed_at = OuterRef(f"{registration}store_reading__read_at")
    ended = Publication.objects.filter(project=project, node=node, released_at__gte=listed_at)
    return ExpressionWrapper(Exists(lanes) | Exists(ended), output_field=BooleanField())


def teams(projects: Sequence[Project]) -> dict[int, tuple[OldTeam, ...]]:
    """The teams that decide about a project's people, by its word and its nodes', as they were last read."""
    by_project = {each.pk: set(_named(each)) for each in projects}
    rows = Registration.objects.filter(project__in=projects).values_list("project", "node__controllers")
    for project, controllers in rows:
        by_project[project] |= set(controllers)
    named = {pk: sorted(paths) for pk, paths in by_project.items()}
    paths = {path for each in named.values() for path in each}
    known = dict(Team.objects.filter(path__in=paths).values_list("path", "confirmed_at"))
    return {pk: tuple(OldTeam(path, known.get(path)) for path in each) for pk, each in named.items()}


def _named(project: Project) -> Iterator[str]:
    said = project.governance
    yield from said.get("researchers", ())
    yield from said.get("controllers", ())
    for node in said.get("nodes", {}).values():
        yield from node.get("controllers", ())
