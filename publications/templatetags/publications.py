"""What the pages of publications show: badges of releases and cells of previews."""

from __future__ import annotations

from dataclasses import dataclass

from django import template

from jobs.states import State
from lockgate.messages import Column, TablePreview

register = template.Library()

STATES = {
    "waiting": State.WAITING_FOR_NODE,
    "held": State.HELD,
    "releasing": State.RELEASING,
    "unfinished": State.RELEASE_UNFINISHED,
    "released": State.RELEASED,
    "withdrawn": State.WITHDRAWN,
}


@dataclass(frozen=True)
class Cell:
    text: str
    number: bool


@dataclass(frozen=True)
class Table:
    """A preview's window of rows as the data table component takes it."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    first_row: int
    total_rows: int


@register.filter
def release_state(state: str) -> State:
    """The state of work that a release's state is, for its badge."""
    return STATES[state]


@register.filter
def cells(preview: TablePreview) -> Table:
    rows = tuple(tuple(_cell(value) for value in row) for row in preview.rows)
    return Table(preview.columns, rows, preview.first_row, preview.total_rows)


def _cell(value: object) -> Cell:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return Cell("" if value is None else str(value), number)
