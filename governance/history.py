"""All pull requests of a repository, page by page: at first, and when the projection is rebuilt.

How far it came stands on the place's row, so that it goes on after an interruption.
"""

from __future__ import annotations

from django.utils import timezone

from governance.github import reader
from governance.github.asking import LARGEST
from governance.github.port import PullRequestReading
from governance.mirrors import mirror
from governance.models import Node, Project
from governance.places import repository_of, subject_of
from governance.projection.pull_requests import rewrite
from governance.work import ask_all


def begin(place: Project | Node) -> None:
    """Read all of them again from the first, unless a reading is under way."""
    rows = type(place).objects.filter(pk=place.pk, history_began__isnull=True)
    rows.update(history_began=timezone.now(), history_cursor="")
    place.refresh_from_db()


def read_page(place: Project | Node, size: int = LARGEST) -> int | None:
    """Write one page; the size that GitHub could answer, None where it was the last page."""
    repo, asked_at = repository_of(place), timezone.now()
    page = reader().history(repo, place.history_cursor or None, size)
    here = mirror(repo)
    if here.lacks(sha for reading in page.readings for sha in _needed(reading)):
        here.fetch(reader().git_token(repo))
    for reading in page.readings:
        rewrite(place, reading, asked_at)
    if page.next is None:
        _end(place)
        return None
    place.history_cursor = page.next
    place.save(update_fields=["history_cursor"])
    return page.size


def _needed(reading: PullRequestReading) -> tuple[str, ...]:
    """Commits that the mirror must hold for a pull request."""
    return tuple(sha for sha in (reading.head_sha, reading.base_sha, reading.merge_sha) if sha)


def _end(place: Project | Node) -> None:
    """What changed meanwhile is found by the next glance; rows that were not among all are looked at."""
    stale = place.pull_requests.filter(read_at__lt=place.history_began)
    subject = subject_of(place)
    ask_all(("look", f"{subject}:{number}") for number in stale.values_list("number", flat=True))
    ask_all([("judge", subject)])
    place.seen_to, place.history_began, place.history_cursor = place.history_began, None, ""
    place.save(update_fields=["seen_to", "history_began", "history_cursor"])
