"""How a repository is protected on GitHub, as its people see it: clean, what was found, or not known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from governance.models import Node, Posture, PostureFinding, Project
from governance.places import repository_of
from governance.posture.findings import WORDS as SAID
from governance.posture.findings import Code, Severity, Words
from governance.posture.steps import EVERY

SILENT = 3 * EVERY  # what was read so long ago is no longer known
ROLES = {
    Severity.OPEN: ("red", "barred-gate", "Gate open"),
    Severity.WEAK: ("amber", "triangle", "Weak"),
    Severity.UNTOLD: ("violet", "diamond", "Not told"),
}
CLEAN, UNKNOWN = ("green", "tick", "Clean"), ("violet", "diamond", "Unknown")


@dataclass(frozen=True)
class FindingView:
    """A finding with its words; `address` is the place on GitHub where it is mended."""

    words: Words
    role: str
    icon: str
    label: str
    about: str
    detail: str
    address: str
    since: datetime


@dataclass(frozen=True)
class PostureView:
    """`since` is that of the oldest finding, or since when nothing is known."""

    role: str
    icon: str
    label: str
    says: str
    since: datetime | None
    read_at: datetime | None
    findings: tuple[FindingView, ...] = ()

    @property
    def is_clean(self) -> bool:
        return self.label == CLEAN[2]

    @property
    def is_known(self) -> bool:
        return self.label != UNKNOWN[2]


NOT_READ = PostureView(*UNKNOWN, "GitHub was not asked yet; Lockgate asks within minutes.", None, None)


def posture_of(place: Project | Node, now: datetime) -> PostureView:
    row = Posture.objects.filter(**_of(place)).prefetch_related("findings").first()
    return NOT_READ if row is None else view_posture(row, place, now)


def view_posture(row: Posture, place: Project | Node, now: datetime) -> PostureView:
    """What is not known counts before what was found: it may be more by now."""
    found = tuple(_finding(each, place) for each in row.findings.all())
    if row.unread_since is not None:
        says = f"GitHub could not be read: {row.problem}"
        return PostureView(*UNKNOWN, says, row.unread_since, row.read_at, found)
    if row.read_at is None or now - row.read_at > SILENT:
        return PostureView(*UNKNOWN, "GitHub was not read since.", row.read_at, row.read_at, found)
    if not found:
        return PostureView(*CLEAN, "GitHub lets nothing past the gates.", None, row.read_at)
    worst = min((each for each in found), key=lambda each: list(ROLES).index(each.words.severity))
    oldest = min(each.since for each in found)
    return PostureView(worst.role, worst.icon, worst.label, _counted(found), oldest, row.read_at, found)


def _counted(found: tuple[FindingView, ...]) -> str:
    first = found[0].words.title
    return f"{first}." if len(found) == 1 else f"{first}, and {len(found) - 1} more."


def _finding(row: PostureFinding, place: Project | Node) -> FindingView:
    said = SAID[Code(row.code)]
    address = f"{settings.LOCKGATE.github_url}/{repository_of(place)}/{said.page}"
    return FindingView(said, *ROLES[said.severity], row.about, row.detail, address, row.since)


def _of(place: Project | Node) -> dict[str, Project | Node]:
    return {"project": place} if isinstance(place, Project) else {"node": place}
