"""The four sources themselves: what was never read, or too long ago, is not known, and never agreement."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from portal.reconciliation.facts import Facts, NodeRead
from portal.reconciliation.findings import Code, Finding
from portal.reconciliation.limits import (
    NODE_SILENT,
    PROJECT_SILENT,
    PULL_SILENT,
    STORE_SILENT,
    TEAM_SILENT,
)

NEVER = "It was never read."


def is_old(at: datetime | None, now: datetime, silent: timedelta) -> bool:
    return at is None or now - at > silent


def github(facts: Facts, now: datetime) -> Iterator[Finding]:
    says = why_no_github(facts, now)
    if says:
        since = facts.history_since or facts.confirmed_at
        yield Finding(Code.GITHUB_UNTOLD, facts.name, says, "", "", "", since, None, facts.name)


def why_no_github(facts: Facts, now: datetime) -> str:
    """Why what GitHub says is not known whole; empty where it is."""
    if facts.problem:
        return facts.problem
    if is_old(facts.confirmed_at, now, PROJECT_SILENT):
        return "It was not read since." if facts.confirmed_at else NEVER
    return "All pull requests are being read; not all are yet." if facts.history_since else ""


def old_pulls(facts: Facts, now: datetime) -> Iterator[Finding]:
    for pull in facts.old_pulls.shown:
        if is_old(pull.read_at, now, PULL_SILENT):
            about, number = f"#{pull.number}", pull.number
            yield Finding(
                Code.PULL_STALE, about, "Not read since.", "Open.", "", "", pull.read_at, number, str(number)
            )


def old_teams(facts: Facts, now: datetime) -> Iterator[Finding]:
    for team in facts.teams:
        if is_old(team.confirmed_at, now, TEAM_SILENT):
            says = "Not read since." if team.confirmed_at else NEVER
            at = team.confirmed_at
            yield Finding(Code.TEAM_STALE, team.path, says, "", "", "", at, None, team.path)


def nodes(facts: Facts, now: datetime) -> Iterator[Finding]:
    for node in facts.nodes:
        yield from _registration(node, now)
        if is_old(node.reported_at, now, NODE_SILENT):
            told = "told nothing of its runs since" if node.reported_at else "never told of its runs"
            says, at = f"{node.name} {told}.", node.reported_at
            yield Finding(Code.DAGSTER_UNTOLD, node.name, "", "", says, "", at, None, node.name)
        says = why_no_store(node, now)
        if says:
            at = (node.store.unread_since or node.store.read_at) if node.store else None
            yield Finding(Code.STORE_UNTOLD, node.name, "", "", "", says, at, None, node.name)


def _registration(node: NodeRead, now: datetime) -> Iterator[Finding]:
    if node.problem or is_old(node.confirmed_at, now, PROJECT_SILENT):
        says = node.problem or ("Not read since." if node.confirmed_at else NEVER)
        at = node.confirmed_at
        yield Finding(Code.REGISTRATION_STALE, node.name, says, "", "", "", at, None, node.name)


def why_no_store(node: NodeRead, now: datetime) -> str:
    """Why what a store holds is not known; empty where it is."""
    store = node.store
    if store is not None and store.unread_since is not None:
        return store.problem or "It could not be listed."
    if store is None or store.read_at is None:
        return f"The store of {node.name} was never listed."
    silent = is_old(store.read_at, now, STORE_SILENT)
    return f"The store of {node.name} was not listed since." if silent else ""


RULES = (github, old_pulls, old_teams, nodes)
