"""The status page: what works, what is down since when, and what waits for it.

Open to everybody: who is not signed in sees the portal and the nodes with their states, and no part of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from governance.access import person_of
from governance.models import Node, ServiceState
from portal.pages.reconciliation import may_reconcile

SILENT = timedelta(minutes=3)  # a part that reported nothing for so long is not known to be well
ORDER = ("down", "unknown", "late", "ok")
NAMES = {
    "dagster": "Dagster",
    "github": "GitHub",
    "storage": "Storage",
    "sensor": "Sensor",
    "daemon": "Dagster daemon",
}
SILENCE = "Nothing was heard from it. What depends on it waits, and none of it is lost."


@dataclass(frozen=True)
class Part:
    """One part as it is shown now."""

    name: str
    state: str
    since: datetime
    checked: datetime
    effect: str


@dataclass(frozen=True)
class Place:
    """The portal, or a node, with its parts; `state` is that of its worst part."""

    name: str
    state: str
    parts: tuple[Part, ...]


@require_GET
def status(request: HttpRequest) -> HttpResponse:
    places = read_places(timezone.now())
    worst = worst_of(place.state for place in places)
    context = {
        "places": places,
        "worst": worst,
        "detail": person_of(request.user) is not None,
        "may_reconcile": may_reconcile(request.user),
    }
    return render(request, "portal/status.html", context)


def read_places(now: datetime) -> list[Place]:
    """The portal first, then every node by name, also those that never reported."""
    rows = ServiceState.objects.select_related("node").order_by("node__name", "name")
    by_place = {name: list(group) for name, group in groupby(rows, key=lambda row: _place_name(row.node))}
    names = ["", *Node.objects.order_by("name").values_list("name", flat=True)]
    return [make_place(name, by_place.get(name, []), now) for name in names]


def make_place(name: str, rows: Iterable[ServiceState], now: datetime) -> Place:
    parts = tuple(part_now(row, now) for row in rows)
    state = worst_of(part.state for part in parts) if parts else "unknown"
    return Place(name or "Lockgate", state, parts)


def part_now(row: ServiceState, now: datetime) -> Part:
    """A part as reported, or unknown since it fell silent."""
    name = NAMES.get(row.name, row.name.replace("_", " ").capitalize())
    if now - row.checked > SILENT:
        return Part(name, "unknown", row.checked, row.checked, SILENCE)
    return Part(name, row.state, row.since, row.checked, row.effect)


def worst_of(states: Iterable[str]) -> str:
    return min(states, key=ORDER.index, default="unknown")


def _place_name(node: Node | None) -> str:
    return node.name if node else ""
