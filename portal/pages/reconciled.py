"""A project's findings as the page shows them: grouped by kind, beside when each source was last read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from portal.reconciliation.facts import Facts, NodeRead
from portal.reconciliation.findings import WORDS, Code, Finding, Repair, Weight, Words
from portal.reconciliation.rules import judge
from portal.reconciliation.rules.sources import NODE_SILENT, is_old, why_no_github, why_no_store

ROLES = {
    Weight.BREACH: ("red", "barred-gate", "Disagree"),
    Weight.LATE: ("amber", "hourglass", "Behind"),
    Weight.UNTOLD: ("violet", "diamond", "Not told"),
}
AGREES = ("green", "tick", "All four agree")
BUTTONS = {
    Repair.READ_PULL: "Read again",
    Repair.READ_PROJECT: "Read again",
    Repair.READ_NODE: "Read again",
    Repair.READ_TEAM: "Read again",
    Repair.LOOK: "Ask the node",
    Repair.LIST_STORE: "List again",
    Repair.WRITE_RECORD: "Write again",
    Repair.POST_CHECK: "Post again",
    Repair.LOOK_UP: "Look it up",
    Repair.TRY_AGAIN: "Try again",
    Repair.SEND_AGAIN: "Send again",
}
# Where the rest is counted of what is more than a page shows.
COUNTED = {
    Code.MERGED_PAST: "merged_past",
    Code.MERGE_UNSEEN: "unseen",
    Code.RECORD_NOT_WRITTEN: "unwritten",
    Code.RECORD_DIFFERS: "differing",
    Code.HELD: "held",
    Code.MERGE_WITHOUT_RUN: "unstarted",
    Code.RUN_WITHOUT_MERGE: "runs",
    Code.RELEASE_WITHOUT_MERGE: "releases",
    Code.OBJECT_WITHOUT_RELEASE: "objects",
    Code.OBJECT_DIFFERS: "files",
    Code.OBJECT_MISSING: "files",
    Code.CHECK_NOT_POSTED: "unposted",
    Code.PULL_STALE: "old_pulls",
    Code.ACT_UNKNOWN: "acts",
}


@dataclass(frozen=True)
class Group:
    """All findings of one kind; `left` more of it are not shown."""

    words: Words
    role: str
    icon: str
    label: str
    rows: tuple[Finding, ...]
    left: int

    @property
    def button(self) -> str:
        return BUTTONS[self.words.repair] if self.words.repair else ""


@dataclass(frozen=True)
class Source:
    """One of the four. `why` says why it is not told; `more` what was read."""

    name: str
    read_at: datetime | None
    why: str = ""
    more: str = ""


@dataclass(frozen=True)
class ProjectView:
    """`linked`: whether the viewer finds the project's own pages."""

    name: str
    linked: bool
    role: str
    icon: str
    label: str
    sources: tuple[Source, ...]
    groups: tuple[Group, ...]

    @property
    def agrees(self) -> bool:
        return not self.groups


def view_project(facts: Facts, linked: bool, now: datetime) -> ProjectView:
    groups = tuple(_groups(facts, judge(facts, now)))
    role, icon, label = AGREES
    if groups:
        worst = min((group.words.weight for group in groups), key=list(Weight).index)
        role, icon, label = ROLES[worst]
    return ProjectView(facts.name, linked, role, icon, label, tuple(_sources(facts, now)), groups)


def _groups(facts: Facts, findings: Sequence[Finding]) -> Iterator[Group]:
    left_of = {name: getattr(facts, name).left for name in COUNTED.values()}
    for code, rows in groupby(findings, key=lambda finding: finding.code):
        left = left_of.pop(COUNTED.get(code, ""), 0)
        yield Group(WORDS[code], *ROLES[WORDS[code].weight], tuple(rows), left)


def _sources(facts: Facts, now: datetime) -> Iterator[Source]:
    yield Source("GitHub", facts.confirmed_at, why_no_github(facts, now))
    yield Source("Portal", now, more="With this page.")
    if not facts.nodes:
        yield Source("Dagster", None, more="No node runs this project.")
        yield Source("Publications", None, more="No node publishes for this project.")
        return
    yield _dagster(facts.nodes, now)
    yield _storage(facts.nodes, now)


def _dagster(nodes: Sequence[NodeRead], now: datetime) -> Source:
    """As old as the node that was silent longest."""
    silent = [node.name for node in nodes if is_old(node.reported_at, now, NODE_SILENT)]
    why = f"Not told by {', '.join(silent)}." if silent else ""
    return Source("Dagster", _oldest([node.reported_at for node in nodes]), why, _counted(len(nodes), "node"))


def _storage(nodes: Sequence[NodeRead], now: datetime) -> Source:
    why = next((says for node in nodes if (says := why_no_store(node, now))), "")
    stores = [node.store for node in nodes]
    objects = sum(store.objects for store in stores if store)
    read_at = _oldest([store.read_at if store else None for store in stores])
    return Source("Publications", read_at, why, _counted(objects, "object"))


def _oldest(times: Sequence[datetime | None]) -> datetime | None:
    """None where any is not known."""
    known = [at for at in times if at is not None]
    return min(known) if len(known) == len(times) else None


def _counted(count: int, what: str) -> str:
    return f"{count} {what}." if count == 1 else f"{count} {what}s."
