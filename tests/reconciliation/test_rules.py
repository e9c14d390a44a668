"""Where the four disagree, as a table: each kind, and the same thing one word otherwise that is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal.reconciliation.facts import (
    Facts,
    HeldLane,
    LateMerge,
    LostFile,
    Merge,
    NodeRead,
    OldPull,
    OldTeam,
    Some,
    StoreRead,
    StrayObject,
    StrayRelease,
    StrayRun,
    Trouble,
    UnknownAct,
    Unposted,
    Unstarted,
)
from portal.reconciliation.findings import WORDS, Code, Finding, Repair, Weight
from portal.reconciliation.rules import judge

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
SLUG, SHA, OTHER = "2026-11-23-a-k3f9", "1" * 40, "2" * 40
STORE = StoreRead(NOW, None, "", 3)
NORTH = NodeRead("north", NOW, "", NOW, STORE)
AGREED = Facts("heart_study", NOW, "", nodes=(NORTH,), teams=(OldTeam("org/controllers", NOW),))


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def some(row: Any) -> Some[Any]:
    return Some((row,), 1)


def found(facts: Facts) -> list[Finding]:
    return list(judge(facts, NOW))


MERGE = Merge(12, "job_request", "maintainer", ago(60), "waiting")
HELD = HeldLane(
    SLUG, "north", "lockgate/policy was not success.", ago(9), False, 12, "alice", "waiting", False
)
WAITS = Unstarted(SLUG, 12, "north", ago(20), "")
RUN = StrayRun(SLUG, "north", "6b1f2c3d-0000", "running", ago(10), 12, "open")
RELEASE = StrayRelease(SLUG, "north", 13, "released", ago(5), SHA, "open", "")
OBJECT = StrayObject("north", "heart_study/files/md5/ab/cd", 12, ago(90), ago(10))
FILE = LostFile(SLUG, "north", 13, "incidence.csv", 48, None, ago(90))
CHECK = Unposted(14, "waiting", ago(5), "success")
ACT = UnknownAct("5a0b", "merge", "controller", 14, ago(5))
WORK = Trouble(7, "Look", "project:heart_study:14", 4, "GitHub did not answer.", NOW)

# What is found, the facts that differ from agreement, and those that are as near to it and are none.
TABLE: list[tuple[Code, dict[str, Any], dict[str, Any]]] = [
    (
        Code.MERGED_PAST,
        {"merged_past": some(MERGE)},
        {"merged_past": some(replace(MERGE, last_word="approved"))},
    ),
    (
        Code.MERGED_PAST,
        {"merged_past": some(replace(MERGE, last_word="unknown"))},
        {"merged_past": Some()},
    ),
    (Code.MERGE_UNSEEN, {"unseen": some(LateMerge(12, "maintainer", ago(9000), ago(60)))}, {}),
    (
        Code.RECORD_NOT_WRITTEN,
        {"unwritten": some(MERGE)},
        {"unwritten": some(replace(MERGE, at=ago(9)))},
    ),
    (Code.RECORD_DIFFERS, {"differing": some(replace(MERGE, problem="Another record."))}, {}),
    (Code.CHECK_NOT_POSTED, {"unposted": some(CHECK)}, {"unposted": some(replace(CHECK, decided_at=ago(1)))}),
    (Code.HELD, {"held": some(HELD)}, {}),
    (Code.HELD, {"held": some(replace(HELD, is_release=True))}, {}),
    (Code.RUN_WITHOUT_MERGE, {"runs": some(RUN)}, {"runs": some(replace(RUN, pull_state="merged"))}),
    (Code.RUN_WITHOUT_MERGE, {"runs": some(replace(RUN, at=None))}, {"runs": some(replace(RUN, at=ago(4)))}),
    (Code.MERGE_WITHOUT_RUN, {"unstarted": some(WAITS)}, {"unstarted": some(replace(WAITS, since=ago(14)))}),
    (Code.MERGE_WITHOUT_RUN, {"unstarted": some(replace(WAITS, node="south"))}, {}),
    (
        Code.RELEASE_WITHOUT_MERGE,
        {"releases": some(RELEASE)},
        {"releases": some(replace(RELEASE, pull_state="merged", pull_merge=SHA))},
    ),
    (
        Code.RELEASE_WITHOUT_MERGE,
        {"releases": some(replace(RELEASE, pull_state="merged", pull_merge=OTHER))},
        {},
    ),
    (
        Code.OBJECT_WITHOUT_RELEASE,
        {"objects": some(OBJECT)},
        {"objects": some(replace(OBJECT, modified_at=ago(29)))},
    ),
    (
        Code.OBJECT_WITHOUT_RELEASE,
        {"objects": some(replace(OBJECT, modified_at=ago(-9000), since=ago(31)))},
        {"objects": some(replace(OBJECT, modified_at=ago(-9000), since=ago(29)))},
    ),
    (Code.OBJECT_MISSING, {"files": some(FILE)}, {}),
    (Code.OBJECT_DIFFERS, {"files": some(replace(FILE, seen_size=47))}, {}),
    (Code.PULL_STALE, {"old_pulls": some(OldPull(14, ago(31)))}, {"old_pulls": some(OldPull(14, ago(29)))}),
    (Code.TEAM_STALE, {"teams": (OldTeam("org/t", ago(6)),)}, {"teams": (OldTeam("org/t", ago(4)),)}),
    (Code.TEAM_STALE, {"teams": (OldTeam("org/t", None),)}, {}),
    (Code.WORK_FAILS, {"work": (WORK,)}, {"work": (replace(WORK, attempts=3),)}),
    (Code.WRITE_FAILS, {"writes": (WORK,)}, {"writes": (replace(WORK, attempts=3),)}),
    (Code.ACT_UNKNOWN, {"acts": some(ACT)}, {"acts": some(replace(ACT, at=ago(1)))}),
    (Code.GITHUB_UNTOLD, {"confirmed_at": ago(6)}, {"confirmed_at": ago(4)}),
    (Code.GITHUB_UNTOLD, {"confirmed_at": None}, {}),
    (Code.GITHUB_UNTOLD, {"problem": "governance.yaml cannot be read."}, {}),
    (Code.GITHUB_UNTOLD, {"history_since": ago(1)}, {}),
    (
        Code.REGISTRATION_STALE,
        {"nodes": (replace(NORTH, confirmed_at=ago(6)),)},
        {"nodes": (replace(NORTH, confirmed_at=ago(4)),)},
    ),
    (Code.REGISTRATION_STALE, {"nodes": (replace(NORTH, problem="node.yaml cannot be read."),)}, {}),
    (
        Code.DAGSTER_UNTOLD,
        {"nodes": (replace(NORTH, reported_at=ago(6)),)},
        {"nodes": (replace(NORTH, reported_at=ago(4)),)},
    ),
    (Code.DAGSTER_UNTOLD, {"nodes": (replace(NORTH, reported_at=None),)}, {}),
    (
        Code.STORE_UNTOLD,
        {"nodes": (replace(NORTH, store=replace(STORE, read_at=ago(31))),)},
        {"nodes": (replace(NORTH, store=replace(STORE, read_at=ago(29))),)},
    ),
    (Code.STORE_UNTOLD, {"nodes": (replace(NORTH, store=None),)}, {}),
    (Code.STORE_UNTOLD, {"nodes": (replace(NORTH, store=StoreRead(NOW, ago(1), "No key.", 3)),)}, {}),
    (Code.STORE_UNTOLD, {"objects": some(OBJECT), "nodes": (replace(NORTH, releasing=True),)}, {}),
]


@pytest.mark.parametrize(("code", "otherwise", "as_near"), TABLE)
def test_a_disagreement_is_found_and_what_is_as_near_to_one_is_none(
    code: Code, otherwise: dict[str, Any], as_near: dict[str, Any]
) -> None:
    assert [finding.code for finding in found(replace(AGREED, **otherwise))] == [code]
    assert found(replace(AGREED, **as_near)) == []


def test_every_kind_stands_in_the_table_and_has_words() -> None:
    assert {code for code, _, _ in TABLE} == set(Code) == set(WORDS)


def test_where_a_gate_was_passed_nothing_is_offered_but_the_reason() -> None:
    safe = {Code.OBJECT_DIFFERS: Repair.LIST_STORE, Code.OBJECT_MISSING: Repair.LIST_STORE}
    for code, words in WORDS.items():
        if words.weight is Weight.BREACH:
            assert words.repair is safe.get(code)
        elif code is not Code.MERGE_UNSEEN:
            assert words.repair is not None
        assert words.repair is not None or words.do.startswith("Not repaired from here: ")


def test_each_of_the_four_is_heard() -> None:
    facts = replace(
        AGREED,
        merged_past=some(MERGE),
        held=some(HELD),
        unstarted=some(WAITS),
        runs=some(RUN),
        objects=some(OBJECT),
    )
    said = {finding.code: finding for finding in found(facts)}
    assert said[Code.MERGED_PAST].github == "Merged by maintainer."
    assert said[Code.MERGED_PAST].portal == "Not merged here. The last word was: waiting."
    assert said[Code.HELD].dagster == "north holds it: lockgate/policy was not success."
    assert said[Code.MERGE_WITHOUT_RUN].dagster == "north has not said a word of it."
    assert said[Code.RUN_WITHOUT_MERGE].github == "#12 is open."
    assert said[Code.RUN_WITHOUT_MERGE].dagster == "Run 6b1f2c3d on north: running."
    assert said[Code.OBJECT_WITHOUT_RELEASE].store == "north holds 12 bytes of it."


def test_what_is_still_being_read_from_github_is_no_run_without_a_merge() -> None:
    unread = replace(RUN, number=None, pull_state="")
    codes = [finding.code for finding in found(replace(AGREED, runs=some(unread), history_since=ago(1)))]
    assert codes == [Code.GITHUB_UNTOLD]
    assert [finding.code for finding in found(replace(AGREED, runs=some(unread)))] == [Code.RUN_WITHOUT_MERGE]
