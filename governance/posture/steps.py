"""Reads the posture of a place again: from time to time, and when GitHub says that something was changed."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from governance.github import posture_reader
from governance.models import Node, Posture, Project
from governance.places import place_of
from governance.posture.reading import read
from governance.posture.rows import keep, keep_unread
from governance.posture.rules import judge
from governance.work import does
from lockgate.errors import LockgateError

EVERY = timedelta(minutes=30)
SETTLES = timedelta(minutes=1)  # a place that is new is still being set up
TELLING_EVENTS = frozenset({"branch_protection_rule", "repository_ruleset", "repository"})


@does("read_posture", every=EVERY)
def read_posture(subject: str) -> None:
    look_at_posture(place_of(subject))


def look_at_posture(place: Project | Node, *, administrator_token: str = "") -> Posture:
    """Read GitHub afresh and keep what is found. Raises where GitHub could not be read; that is kept too."""
    asked_at = timezone.now()
    known = Posture.objects.filter(**{_kind(place): place}).first()
    github = posture_reader(administrator_token=administrator_token)
    try:
        reading = read(place, github, known.witnessed if known else {})
    except LockgateError as error:
        keep_unread(place, error.what, asked_at)
        raise
    return keep(place, judge(reading.facts), reading.witnessed, asked_at)


def _kind(place: Project | Node) -> str:
    return "project" if isinstance(place, Project) else "node"
