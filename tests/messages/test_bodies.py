"""Typed bodies go through plain JSON and come back the same; anything else is refused."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lockgate import canonical_json
from lockgate.errors import Invalid
from lockgate.messages import FROM_NODE, FROM_PORTAL, Body, ReleaseReported, RunsReported, read_body

KINDS = list(dict.fromkeys((*FROM_PORTAL, *FROM_NODE)))
KNOWN_KINDS = {
    "look",
    "preview_wanted",
    "acknowledged",
    "preview_made",
    "runs_reported",
    "collection_reported",
    "release_reported",
    "health_reported",
}

some.register_type_strategy(
    datetime,
    some.datetimes(min_value=datetime(1000, 1, 1), timezones=some.just(UTC)),  # noqa: DTZ001
)
some.register_type_strategy(str, some.text(some.characters(codec="utf-8"), max_size=20))


def test_the_known_kinds_are_these_and_no_others() -> None:
    assert {shape.kind for shape in KINDS} == KNOWN_KINDS


@pytest.mark.parametrize("shape", KINDS, ids=[shape.kind for shape in KINDS])
@given(data=some.data())
def test_a_body_comes_back_as_it_went(shape: type[Body], data: some.DataObject) -> None:
    body = data.draw(some.from_type(shape))
    plain = json.loads(canonical_json.dumps(body.to_body()))
    assert read_body(shape.kind, plain, from_portal=shape in FROM_PORTAL) == body


@pytest.mark.parametrize("shape", KINDS, ids=[shape.kind for shape in KINDS])
@given(data=some.data())
def test_a_body_without_one_entry_or_with_one_more_is_refused(
    shape: type[Body], data: some.DataObject
) -> None:
    plain = data.draw(some.from_type(shape)).to_body()
    for lacking in [field.name for field in fields(shape)]:
        with pytest.raises(Invalid):
            shape.from_body({name: value for name, value in plain.items() if name != lacking})
    with pytest.raises(Invalid):
        shape.from_body({**plain, "more": None})


RELEASE: dict[str, Any] = {
    "project": "heart_study",
    "request": "2026-11-23-x-k3f9",
    "pull_request": 8,
    "merge": "a" * 40,
    "state": "released",
    "reason": None,
    "files": [{"path": "a.csv", "md5": "0", "sha256": "1", "size": 3, "media_type": "text/csv"}],
    "bytes_done": 3,
    "bytes_total": 3,
    "at": "2026-11-23T09:14:05Z",
}


def test_a_release_reads_as_the_node_wrote_it() -> None:
    body = ReleaseReported.from_body(RELEASE)
    assert body.state == "released"
    assert body.files[0].size == 3
    assert body.at == datetime(2026, 11, 23, 9, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "change",
    [
        {"state": "green"},
        {"state": None},
        {"pull_request": None},
        {"pull_request": 8.0},
        {"files": {}},
        {"files": [["a.csv"]]},
        {"files": [{**RELEASE["files"][0], "size": "3"}]},
        {"files": [{**RELEASE["files"][0], "row": "1,2,3"}]},
        {"at": "2026-11-23T09:14:05"},
        {"at": "yesterday"},
        {"reason": 5},
    ],
)
def test_one_wrong_entry_refuses_the_whole_release(change: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        ReleaseReported.from_body({**RELEASE, **change})


def test_times_are_written_in_utc() -> None:
    at = datetime(2026, 11, 23, 11, 0, tzinfo=timezone(timedelta(hours=2)))
    assert RunsReported("heart_study", None, at, ()).to_body()["at"] == "2026-11-23T09:00:00Z"


def test_reasons_are_texts_by_request() -> None:
    body = RunsReported("heart_study", None, datetime.now(UTC), ()).to_body()
    assert RunsReported.from_body({**body, "held": {"r": "Merged without approval."}}).held["r"]
    with pytest.raises(Invalid):
        RunsReported.from_body({**body, "held": {"r": 1}})


def test_a_side_may_only_send_its_own_kinds() -> None:
    with pytest.raises(Invalid):
        read_body("release_reported", RELEASE, from_portal=True)
    with pytest.raises(Invalid):
        read_body("look", {"project": "heart_study", "pull_request": None}, from_portal=False)
