"""Of many rows the oldest of each project, with how many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber

from portal.reconciliation.facts import Some
from portal.reconciliation.limits import MOST

T = TypeVar("T")


def oldest_of_each(rows: QuerySet[Any], project: str, *at: str, most: int = MOST) -> list[Any]:
    """At most so many rows of each project, those longest so; each says as `of_all` how many there are."""
    mine = [F(project)]
    order = [*(F(each).asc(nulls_first=True) for each in at), F("pk").asc()]
    counted = rows.annotate(
        of_project=F(project),
        nth=Window(RowNumber(), partition_by=mine, order_by=order),
        of_all=Window(Count("pk"), partition_by=mine),
    )
    return list(counted.filter(nth__lte=most).order_by(*order))


def some(rows: Iterable[Any], make: Callable[[Any], T]) -> dict[Any, Some[T]]:
    """By project, what `make` makes of the rows of `oldest_of_each`."""
    found: dict[Any, Some[T]] = {}
    for row in rows:
        before = found.get(row.of_project, Some())
        found[row.of_project] = Some((*before.shown, make(row)), row.of_all)
    return found


def together(found: Sequence[Some[T]], since: Callable[[T], datetime | None]) -> Some[T]:
    """Several of one kind as one; what has no time counts as the oldest."""
    rows = [row for each in found for row in each.shown]
    rows.sort(key=lambda row: at.timestamp() if (at := since(row)) else 0.0)
    return Some(tuple(rows[:MOST]), sum(each.total for each in found))
