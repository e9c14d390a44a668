"""The top bar: which pages there are for whoever looks, and how many reviews await them."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from portal.pages.queue import Queue

PAGES = (
    ("Home", "home"),
    ("Reviews", "reviews"),
    ("Requests", "requests"),
    ("Publications", "publications"),
    ("Projects", "projects"),
    ("Nodes", "nodes"),
)


@dataclass(frozen=True)
class Page:
    label: str
    href: str
    here: bool
    count: int = 0


def pages_for(request: HttpRequest) -> list[Page]:
    queue = Queue.of(request.user)
    pages = []
    for label, name in PAGES:
        if name == "reviews" and not queue.decides:
            continue
        href = _address(name)
        if not href:
            continue
        here = request.path == href if name == "home" else request.path.startswith(href)
        pages.append(Page(label, href, here, queue.needed if name == "reviews" else 0))
    return pages


def _address(name: str) -> str:
    """Empty for a part that is not installed."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
