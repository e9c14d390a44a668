"""Keeps what was found, since when; a change of posture is a row of the audit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from governance import audit
from governance.models import Node, Posture, PostureFinding, Project
from governance.places import subject_of
from governance.posture.findings import Finding
from governance.posture.reading import Witnessed

Key = tuple[str, str]


@transaction.atomic
def keep(
    place: Project | Node, findings: Iterable[Finding], witnessed: Witnessed, asked_at: datetime
) -> Posture:
    """Write what a reading that was begun `asked_at` found; an older one never overwrites a newer."""
    row = _locked(place)
    if row.read_at is not None and row.read_at > asked_at:
        return row
    first, back = row.read_at is None, row.unread_since is not None
    row.read_at, row.unread_since, row.problem, row.witnessed = asked_at, None, "", witnessed
    row.save()
    appeared, gone = _replace(row, {_key(each): each for each in findings}, asked_at)
    if first or back or appeared or gone:
        _record(place, "posture.read", {"appeared": _names(appeared), "gone": _names(gone)})
    return row


@transaction.atomic
def keep_unread(place: Project | Node, problem: str, asked_at: datetime) -> Posture:
    """GitHub could not be read: what was found before stays, and is no longer known to be all."""
    row = _locked(place)
    if row.read_at is not None and row.read_at > asked_at:
        return row
    first = row.unread_since is None
    row.unread_since, row.problem = row.unread_since or asked_at, problem[:500]
    row.save()
    if first:
        _record(place, "posture.unread", {"reason": row.problem})
    return row


def _locked(place: Project | Node) -> Posture:
    of = {"project": place} if isinstance(place, Project) else {"node": place}
    row, _ = Posture.objects.get_or_create(**of)
    return Posture.objects.select_for_update(of=("self",)).get(pk=row.pk)


def _replace(row: Posture, found: dict[Key, Finding], asked_at: datetime) -> tuple[set[Key], set[Key]]:
    """What is found still keeps its time; returns what appeared and what is gone."""
    known = {(each.code, each.about): each for each in row.findings.all()}
    appeared, gone = found.keys() - known.keys(), known.keys() - found.keys()
    row.findings.filter(pk__in=[known[key].pk for key in gone]).delete()
    for key, finding in found.items():
        kept = known.get(key) or PostureFinding(posture=row, code=key[0], about=key[1], since=asked_at)
        kept.detail = finding.detail[:500]
        kept.save()
    return appeared, gone


def _key(finding: Finding) -> Key:
    return str(finding.code), finding.about[:300]


def _names(keys: Iterable[Key]) -> list[str]:
    return sorted(f"{code}: {about}" if about else code for code, about in keys)


def _record(place: Project | Node, action: str, details: dict[str, object]) -> None:
    project = place if isinstance(place, Project) else None
    audit.record(by=None, action=action, project=project, subject=subject_of(place), details=details)
