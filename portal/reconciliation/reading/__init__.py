"""From rows to facts: as many queries for many projects as for one, and of each kind the rows longest so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from governance.models import Project
from portal.reconciliation.facts import Facts, Some
from portal.reconciliation.reading import merges, places, runs, storage, trouble

READERS = {
    "merged_past": merges.merged_past,
    "unseen": merges.unseen,
    "unwritten": merges.unwritten,
    "differing": merges.differing,
    "unposted": merges.unposted,
    "old_pulls": merges.old_pulls,
    "held": runs.held,
    "unstarted": runs.unstarted,
    "runs": runs.strays,
    "releases": storage.releases,
    "objects": storage.objects,
    "files": storage.files,
    "acts": trouble.acts,
}


def read_facts(projects: Sequence[Project], now: datetime) -> list[Facts]:
    """The facts of each of these projects, in their order."""
    found: dict[str, dict[int, Any]] = {name: read(projects, now) for name, read in READERS.items()}
    nodes, teams = places.nodes(projects), places.teams(projects)
    work, writes = trouble.work(projects), trouble.writes(projects)
    return [
        Facts(
            name=project.name,
            confirmed_at=project.confirmed_at,
            problem=project.problem,
            history_since=project.history_began,
            nodes=nodes.get(project.pk, ()),
            teams=teams.get(project.pk, ()),
            work=work.get(project.pk, ()),
            writes=writes.get(project.pk, ()),
            **{name: by_project.get(project.pk, Some()) for name, by_project in found.items()},
        )
        for project in projects
    ]
