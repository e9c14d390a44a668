"""The list of reviews: tabs and filters stand in the address, and nothing is hidden without saying so."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from governance.access import NOT_FOUND, signed_in
from portal.pages.queue import Queue, Waiting

TABS = {"mine": "Awaiting me", "others": "Awaiting others", "merge": "Ready to merge", "all": "All open"}
FILTERS = ("project", "node", "kind")


@dataclass(frozen=True)
class Tab:
    key: str
    label: str
    count: int
    href: str
    here: bool


@dataclass(frozen=True)
class Filter:
    """One filter with what it offers; `chosen` is empty where it is off."""

    key: str
    label: str
    offered: tuple[str, ...]
    chosen: str


@require_GET
@signed_in
def reviews(request: HttpRequest) -> HttpResponse:
    queue = _queue(request)
    tab = request.GET.get("tab", "mine")
    tab = tab if tab in TABS else "mine"
    filters = [_filter(request, key, queue.waiting) for key in FILTERS]
    here = [one for one in queue.waiting if tab in (one.tab, "all")]
    shown = [one for one in here if all(_passes(one, chosen) for chosen in filters)]
    context = {
        "tabs": [_tab(key, queue.waiting, tab, filters) for key in TABS],
        "tab": tab,
        "filters": [one for one in filters if len(one.offered) > 1 or one.chosen],
        "active": [one for one in filters if one.chosen],
        "shown": shown,
        "hidden": len(here) - len(shown),
        "others": sum(one.tab == "others" for one in queue.waiting),
        "next": first_of(queue),
    }
    return render(request, "portal/reviews.html", context)


@require_GET
@signed_in
def next_review(request: HttpRequest) -> HttpResponse:
    """To the review that waits longest; `after` passes one by."""
    queue = _queue(request)
    after = request.GET.get("after", "")
    waiting = [one for one in queue.awaiting_me if str(one.row.pk) != after]
    return redirect(waiting[0].address if waiting else reverse("reviews"))


def first_of(queue: Queue) -> Waiting | None:
    return next(iter(queue.awaiting_me), None)


def _queue(request: HttpRequest) -> Queue:
    queue = Queue.of(request.user)
    if not queue.decides:
        raise Http404(NOT_FOUND)
    return queue


def _values(one: Waiting, key: str) -> tuple[str, ...]:
    match key:
        case "project":
            return (one.row.place.name,)
        case "node":
            return tuple(one.row.node_names)
    return (one.row.kind,)


def _filter(request: HttpRequest, key: str, waiting: tuple[Waiting, ...]) -> Filter:
    offered = sorted({value for one in waiting for value in _values(one, key) if value})
    return Filter(key, key.capitalize(), tuple(offered), request.GET.get(key, ""))


def _passes(one: Waiting, chosen: Filter) -> bool:
    return not chosen.chosen or chosen.chosen in _values(one, chosen.key)


def _tab(key: str, waiting: tuple[Waiting, ...], here: str, filters: list[Filter]) -> Tab:
    count = sum(key in (one.tab, "all") for one in waiting)
    query = urlencode({"tab": key} | {one.key: one.chosen for one in filters if one.chosen})
    return Tab(key, TABS[key], count, f"{reverse('reviews')}?{query}", key == here)
