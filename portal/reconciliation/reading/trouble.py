"""What the portal itself does not get done, by project; what belongs to none is for administrators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, F, Func, QuerySet, Value, When

from governance.models import Outgoing, Project, RemoteAct, Work
from portal.reconciliation.facts import Some, Trouble, UnknownAct
from portal.reconciliation.limits import KEEPS_FAILING, MOST, SETTLED_WITHIN
from portal.reconciliation.reading.rows import oldest_of_each, some

BY_NAME = ("read_code_repo", "record_decisions", "list_store")  # whose subject begins with a project's name
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
    rows = failing(all_work()).filter(about__in=[each.name for each in projects])
    return _by_project({each.name: each.pk for each in projects}, rows, _work)


def work_of_none() -> tuple[Trouble, ...]:
    """Failing work that is of no project: nodes, organizations, deliveries."""
    return tuple(_work(row) for row in failing(all_work()).filter(about="").order_by("due_at", "pk")[:MOST])


def all_work() -> QuerySet[Work]:
    """Work, each with the name of the project that it is `about`; empty where it is about none."""
    by_name = When(kind__in=BY_NAME, then=_part("subject", 1))
    by_place = When(subject__startswith="project:", then=_part("subject", 2))
    return Work.objects.annotate(about=Case(by_name, by_place, default=Value("")))


def writes(projects: Sequence[Project]) -> dict[int, tuple[Trouble, ...]]:
    rows = failing(all_writes()).filter(about__in=[each.code_repo for each in projects])
    return _by_project({each.code_repo: each.pk for each in projects}, rows, _write)


def all_writes() -> QuerySet[Outgoing]:
    """Writes, each with the repository that it is `about`, with which the keys of all begin."""
    return Outgoing.objects.annotate(about=_part("key", 1))


def failing(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.filter(attempts__gte=KEEPS_FAILING)


def _part(field: str, nth: int) -> Func:
    """Of a text of parts with colons between them."""
    return Func(F(field), Value(":"), Value(nth), function="split_part", output_field=CharField())


def _work(row: Work) -> Trouble:
    what = row.kind.replace("_", " ").capitalize()
    return Trouble(row.pk, what, row.subject, row.attempts, row.problem, row.due_at)


def _write(row: Outgoing) -> Trouble:
    what = row.kind.replace("_", " ").capitalize()
    return Trouble(row.pk, what, row.key, row.attempts, row.problem, row.due_at)


def _by_project(
    pks: dict[str, int], rows: QuerySet[Any], make: Callable[[Any], Trouble]
) -> dict[int, tuple[Trouble, ...]]:
    found = some(oldest_of_each(rows, "about", "due_at"), make)
    return {pks[name]: each.shown for name, each in found.items()}
