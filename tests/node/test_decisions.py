"""The pure cores of the node, rule by rule: what is collected, what is released, how the parts are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from dagster_graphql.schema import create_schema
from graphql import parse, validate

from lockgate.evidence import Approved, Held, Undecided
from lockgate.formats import Kind
from lockgate.node import health
from lockgate.node.collection import decision as collecting
from lockgate.node.dagster import FAILURE, MORE, PAGE, RUN, Daemon, Sensor, _look_query
from lockgate.node.health import Probes
from lockgate.node.release import decision as releasing
from lockgate.node.run_watch import Cursor, read_cursor

ID = "2026-11-23-survival-by-age-k3f9"
BLOB = "b" * 40


def approved(kind: Kind, **other: Any) -> Approved:
    facts: dict[str, Any] = {"pull_request": 7, "author": 1001, "head": "h", "merge": "m", "kind": kind}
    return Approved(**{**facts, "request": ID, "nodes": ("north",), **other})


COLLECT = collecting.Facts(
    node="north",
    request=ID,
    blob=BLOB,
    of_the_sensor=True,
    on_main=True,
    blob_at_merge=BLOB,
    judgement=approved(Kind.JOB_REQUEST),
    has_results=False,
    newer=False,
    complete=True,
    given_up=False,
)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, collecting.Take),
        ({"of_the_sensor": False}, collecting.Refuse),
        ({"on_main": False}, collecting.Refuse),
        ({"blob_at_merge": None}, collecting.Refuse),
        ({"blob_at_merge": "c" * 40}, collecting.Refuse),
        ({"has_results": True}, collecting.Refuse),
        ({"newer": True}, collecting.Refuse),
        ({"judgement": None}, collecting.Wait),
        ({"judgement": Undecided("GitHub does not answer.")}, collecting.Wait),
        ({"judgement": Held("Merged without approval.")}, collecting.Refuse),
        ({"judgement": approved(Kind.CODE_CHANGE)}, collecting.Refuse),
        ({"judgement": approved(Kind.JOB_REQUEST, request="another")}, collecting.Refuse),
        ({"judgement": approved(Kind.JOB_REQUEST, nodes=("south",))}, collecting.Refuse),
        ({"complete": False}, collecting.Wait),
        ({"complete": False, "given_up": True}, collecting.Refuse),
    ],
)
def test_what_is_collected(change: dict[str, Any], expected: type) -> None:
    assert isinstance(collecting.decide(replace(COLLECT, **change)), expected)


FILES = {"manifest.yaml": b"as proposed"}
RELEASE = releasing.Facts(ID, "north", approved(Kind.RESULT_PUBLICATION), FILES, FILES, FILES)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, releasing.Release),
        ({"judgement": Undecided("GitHub does not answer.")}, releasing.Wait),
        ({"judgement": Held("Merged without approval.")}, releasing.Hold),
        ({"judgement": approved(Kind.JOB_REQUEST)}, releasing.Hold),
        ({"judgement": approved(Kind.RESULT_PUBLICATION, request="another")}, releasing.Hold),
        ({"judgement": approved(Kind.RESULT_PUBLICATION, nodes=("south",))}, releasing.Hold),
        ({"own": None}, releasing.Hold),
        ({"merged": {"manifest.yaml": b"as proposed "}}, releasing.Hold),
        ({"merged": {**FILES, "more.dvc": b""}}, releasing.Hold),
        ({"on_main": {}}, releasing.Hold),
    ],
)
def test_what_is_released(change: dict[str, Any], expected: type) -> None:
    assert isinstance(releasing.decide(replace(RELEASE, **change)), expected)


NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def ago(seconds: float) -> float:
    return NOW.timestamp() - seconds


WELL = Probes(
    github=True,
    storage=True,
    dagster=True,
    daemons=(Daemon("SENSOR", healthy=True, last_heartbeat=ago(5)),),
    sensors={"heart_study": Sensor("s", None, ago(5), running=True)},
)


@pytest.mark.parametrize(
    ("change", "service", "state"),
    [
        ({}, "github", "ok"),
        ({"github": None}, "github", "unknown"),
        ({"github": False}, "github", "down"),
        ({"storage": False}, "storage", "down"),
        ({"dagster": False}, "dagster", "down"),
        ({"dagster": False}, "daemon", "unknown"),
        ({"dagster": False}, "sensor", "unknown"),
        ({"daemons": (Daemon("SENSOR", healthy=True, last_heartbeat=ago(120)),)}, "daemon", "late"),
        ({"daemons": (Daemon("SENSOR", healthy=False, last_heartbeat=None),)}, "daemon", "down"),
        ({"sensors": {"heart_study": None}}, "sensor", "down"),
        ({"sensors": {"heart_study": Sensor("s", None, ago(5), running=False)}}, "sensor", "down"),
        ({"sensors": {"heart_study": Sensor("s", None, ago(100), running=True)}}, "sensor", "late"),
        ({"sensors": {"heart_study": Sensor("s", None, ago(5), running=True)}}, "sensor", "ok"),
        ({"configuration": "node.yaml names another node."}, "configuration", "down"),
        ({"projects": {"heart_study": "main was rewritten"}}, "configuration", "down"),
    ],
)
def test_how_the_parts_are(change: dict[str, Any], service: str, state: str) -> None:
    (found,) = [each for each in health.judge(replace(WELL, **change), NOW) if each.name == service]
    assert found.state == state
    assert bool(found.effect) == (state in ("late", "down")), "what is not well says what waits for it"


@pytest.mark.parametrize("text", [None, "", "x", "[]", '{"version": 2}', '{"version": 1, "sha": "a"}'])
def test_a_cursor_that_is_none_of_ours_is_shown_as_none(text: str | None) -> None:
    assert read_cursor(text) == Cursor(None, {}, {})


def test_a_cursor_tells_what_waits_and_what_is_held() -> None:
    text = '{"version": 1, "sha": "abc", "waiting": {"r1": "not loaded"}, "held": {"r2": "no approval"}}'
    assert read_cursor(text) == Cursor("abc", {"r1": "not loaded"}, {"r2": "no approval"})


@pytest.mark.parametrize("query", [_look_query(0), _look_query(2), MORE % (PAGE, RUN), FAILURE])
def test_every_question_to_dagster_is_one_that_its_schema_knows(query: str) -> None:
    assert validate(create_schema().graphql_schema, parse(query)) == []
