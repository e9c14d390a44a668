"""Runs: held, without a merge, or a merge without one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from portal.reconciliation.facts import Facts, HeldLane, StrayRun
from portal.reconciliation.findings import Code, Finding
from portal.reconciliation.limits import RUN_SETTLES, STARTED_WITHIN
from portal.reconciliation.rules.merges import last_word

MERGED = "merged"


def held(facts: Facts, _now: datetime) -> Iterator[Finding]:
    for lane in facts.held.shown:
        says = f"{lane.node} holds it: {lane.reason or 'no reason was given.'}"
        yield Finding(
            Code.HELD,
            lane.request,
            f"#{lane.number}, merged by {lane.merged_by or 'nobody known'}." if lane.number else "On main.",
            _decided(lane),
            "" if lane.is_release else says,
            says if lane.is_release else "",
            lane.since,
            lane.number,
        )


def _decided(lane: HeldLane) -> str:
    where = {True: "Merged here.", False: "Not merged here.", None: "No record tells where it was merged."}
    return f"{where[lane.in_portal]} {last_word(lane.last_word)}"


def runs_without_merge(facts: Facts, now: datetime) -> Iterator[Finding]:
    """The node may read a merge before the portal does, and the portal reads old ones page by page."""
    for run in facts.runs.shown:
        unread = run.number is None and facts.history_since is not None
        if run.pull_state != MERGED and not unread and not (run.at and now - run.at <= RUN_SETTLES):
            yield Finding(
                Code.RUN_WITHOUT_MERGE,
                run.request,
                _asked_for(run),
                "No merged request of this name for this node." if run.number is None else "Not merged.",
                f"Run {run.run[:8]} on {run.node}: {run.status}.",
                "",
                run.at,
                run.number,
            )


def _asked_for(run: StrayRun) -> str:
    return f"#{run.number} is {run.pull_state}." if run.number else "No pull request asks for it there."


def merges_without_run(facts: Facts, now: datetime) -> Iterator[Finding]:
    running = {node.name for node in facts.nodes}
    for each in facts.unstarted.shown:
        if now - each.since <= STARTED_WITHIN:
            continue
        told = f"{each.node}: {each.says}" if each.says else f"{each.node} has not said a word of it."
        yield Finding(
            Code.MERGE_WITHOUT_RUN,
            each.request,
            f"#{each.number} is merged." if each.number else "On main.",
            f"Waits for {each.node}.",
            told if each.node in running else f"{each.node} does not run this project.",
            "",
            each.since,
            each.number,
            each.node if each.node in running else "",
        )


RULES = (held, runs_without_merge, merges_without_run)
