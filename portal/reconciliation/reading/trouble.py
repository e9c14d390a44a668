"""What the portal itself does not get done, by project; what belongs to none is for administrators."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from governance.models import Outgoing, Project, RemoteAct, Work
from portal.reconciliation.facts import Some, Trouble, UnknownAct
from portal.reconciliation.limits import KEEPS_FAILING, MOST, SETTLED_WITHIN
from portal.reconciliation.reading.rows import oldest_of_each, some

BY_NAME = ("read_code_repo", "record_decisions", "list_store")  # whose subject begins with a project's name
READ_AT_ONCE = 10 * MOST
UNSETTLED = (RemoteAct.State.RECORDED, RemoteAct.State.UNKNOWN)


def acts(projects: Sequence[Project], now: datetime) -> dict[int, Some[UnknownAct]]:
    late = now - SETTLED_WITHIN
    rows = RemoteAct.objects.filter(project__in=projects, state__in=UNSETTLED, recorded_at__lt=late)
    found = rows.select_related("by", "pull_request").defer("target", "outcome")
    return some(oldest_of_each(found, "project_id", "recorded_at"), _act)


def _act(row: RemoteAct) -> UnknownAct:
    what = row.get_kind_display().replace("_", " ").lower()
    number = row.pull_request.number if row.pull_request else None
    return UnknownAct(str(row.pk), what, row.by.login if row.by else "Lockgate", number, row.recorded_at)


def work(projects: Sequence[Project]) -> dict[int, tuple[Trouble, ...]]:
    names = {each.name: each.pk for each in projects}
    return _by_project((names.get(project_named(row)), _work(row)) for row in failing_work())


def work_of_none() -> tuple[Trouble, ...]:
    """Failing work that is of no project: nodes, organizations, deliveries."""
    return tuple(_work(row) for row in failing_work() if not project_named(row))[:MOST]


def failing_work() -> Iterable[Work]:
    return Work.objects.filter(attempts__gte=KEEPS_FAILING).order_by("due_at", "pk")[:READ_AT_ONCE]


def project_named(row: Work) -> str:
    """The project that a piece of work is about; empty where it is about none."""
    place, _, rest = row.subject.partition(":")
    if place == "project":
        return rest.partition(":")[0]
    return place if row.kind in BY_NAME else ""


def writes(projects: Sequence[Project]) -> dict[int, tuple[Trouble, ...]]:
    repos = {each.code_repo: each.pk for each in projects}
    rows = Outgoing.objects.filter(attempts__gte=KEEPS_FAILING).order_by("due_at", "pk")[:READ_AT_ONCE]
    return _by_project((repos.get(repository_named(row)), _write(row)) for row in rows)


def repository_named(row: Outgoing) -> str:
    """`owner/name`, with which the keys of all writes begin."""
    return row.key.partition(":")[0]


def _work(row: Work) -> Trouble:
    what = row.kind.replace("_", " ").capitalize()
    return Trouble(row.pk, what, row.subject, row.attempts, row.problem, row.due_at)


def _write(row: Outgoing) -> Trouble:
    what = row.kind.replace("_", " ").capitalize()
    return Trouble(row.pk, what, row.key, row.attempts, row.problem, row.due_at)


def _by_project(found: Iterable[tuple[int | None, Trouble]]) -> dict[int, tuple[Trouble, ...]]:
    kept: dict[int, tuple[Trouble, ...]] = {}
    for project, each in found:
        if project is not None and len(kept.get(project, ())) < MOST:
            kept[project] = (*kept.get(project, ()), each)
    return kept
