"""The sensor, with true Git, the true gate and a GitHub that answers: each merged request runs once."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lockgate.dagster import Outputs, job_type
from lockgate.evidence import HistoryRewritten
from lockgate.formats import write_job_request
from tests.dagster.conftest import Location, Merged
from tests.dagster.jobs import Survival, survival
from tests.evidence.github import GitHub
from tests.gate.repository import Repository
from tests.gate.study import REQUEST, REQUEST_PATH, blob_of, result_of

Merge = Callable[..., Merged]


@job_type(title="Another", description="Another job.", outputs=survival.outputs)
def another(parameters: Survival, outputs: Outputs) -> None:
    """Stands for a code location in which the job asked for is not deployed yet."""


def test_an_approved_request_is_launched_once(location: Location, merge: Merge) -> None:
    merged = merge()
    (launched,) = location.tick().run_requests
    assert launched.run_key == f"{REQUEST.id}@{blob_of(REQUEST)}"
    assert launched.job_name == "survival"
    assert launched.tags["lockgate/request"] == REQUEST.id
    assert launched.tags["lockgate/blob"] == blob_of(REQUEST)
    assert launched.tags["lockgate/merge"] == merged.sha
    assert launched.tags["lockgate/pull_request"].isdecimal()
    assert launched.tags["lockgate/code"] == "c0de"
    assert location.read == {"version": 1, "sha": merged.sha, "waiting": {}, "held": {}}
    assert location.tick().run_requests == []


def test_what_is_launched_runs_with_the_approved_parameters(
    location: Location, merge: Merge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCKGATE_SCRATCH_DIR", str(tmp_path / "scratch"))
    merge()
    (launched,) = location.tick().run_requests
    done = survival.job.execute_in_process(run_config=launched.run_config, tags=launched.tags)
    assert (tmp_path / "scratch" / done.run_id / "counts.csv").read_text() == "year,by\n1967,age\n"


def test_a_tick_that_was_lost_asks_for_the_same_run_again(location: Location, merge: Merge) -> None:
    merge()
    before = location.cursor
    first = location.tick().run_requests
    location.cursor = before
    assert [each.run_key for each in location.tick().run_requests] == [each.run_key for each in first]


@pytest.mark.parametrize("said", [None, "failure"])
def test_a_merge_past_the_gate_is_held_for_ever(
    location: Location, merge: Merge, github: GitHub, said: str | None
) -> None:
    merged = merge(said)
    assert location.tick().run_requests == []
    assert list(location.read["held"]) == [REQUEST.id]
    github.post_policy(merged.head, "success")
    assert location.tick().run_requests == []
    assert list(location.read["held"]) == [REQUEST.id]


def test_a_request_pushed_to_main_is_held(location: Location, work: Repository, github: GitHub) -> None:
    work.commit({REQUEST_PATH: write_job_request(REQUEST)}, branch="main")
    github.push(work, "main:main", "maintainer")
    assert location.tick().run_requests == []
    assert location.read["held"][REQUEST.id].startswith("Merged without approval")


def test_a_green_merge_that_the_gate_refuses_is_held(location: Location, merge: Merge) -> None:
    merge(files={REQUEST_PATH: write_job_request(REQUEST), "README.md": b"Changed on the way.\n"})
    assert location.tick().run_requests == []
    assert "README.md" in location.read["held"][REQUEST.id]


def test_a_request_for_another_node_is_none_of_ours(location: Location, merge: Merge) -> None:
    merged = merge(files={REQUEST_PATH: write_job_request(replace(REQUEST, nodes=("south",)))})
    assert location.tick().run_requests == []
    assert location.read == {"version": 1, "sha": merged.sha, "waiting": {}, "held": {}}


def test_a_request_waits_until_its_job_is_loaded(location: Location, merge: Merge) -> None:
    merge()
    assert location.tick(another).run_requests == []
    assert "not loaded" in location.read["waiting"][REQUEST.id]
    (launched,) = location.tick(survival).run_requests
    assert launched.tags["lockgate/request"] == REQUEST.id
    assert location.read["waiting"] == {}


def test_what_has_results_on_main_does_not_run_again(
    location: Location, merge: Merge, work: Repository, github: GitHub
) -> None:
    work.commit(result_of(REQUEST), branch="main")
    github.push(work, "main:main", "maintainer")
    merge()
    assert location.tick().run_requests == []
    assert location.read["waiting"] == {}
    assert location.read["held"] == {}


def test_while_github_is_down_nothing_is_lost(location: Location, merge: Merge, github: GitHub) -> None:
    merge()
    location.settings(github_url="http://127.0.0.1:9")
    skipped = location.tick()
    assert skipped.run_requests == []
    assert skipped.skip_message
    assert location.cursor is None
    location.settings(github_url=github.url)
    assert len(location.tick().run_requests) == 1


@pytest.mark.parametrize(("missing", "said"), [("settings.json", "settings.json"), ("token", "token")])
def test_without_the_workers_files_the_sensor_says_what_is_missing(
    location: Location, missing: str, said: str
) -> None:
    (location.sensor_dir / missing).unlink()
    skipped = location.tick()
    assert said in (skipped.skip_message or "")
    assert location.cursor is None


def test_a_rewritten_main_stops_everything_and_says_why(
    location: Location, merge: Merge, work: Repository, github: GitHub
) -> None:
    location.tick()
    kept = location.cursor
    request = {REQUEST_PATH: write_job_request(REQUEST)}
    work.commit(request, parents=(), branch="rewritten", clean=True)
    github.push(work, "rewritten:main", "maintainer")
    with pytest.raises(HistoryRewritten, match="rewritten"):
        location.tick()
    assert location.cursor == kept


def test_the_mirror_keeps_no_token(location: Location, merge: Merge, token: str) -> None:
    location.tick()
    kept = b"".join(path.read_bytes() for path in location.work_dir.rglob("*") if path.is_file())
    assert token.encode() not in kept


def test_the_cursor_is_what_the_node_worker_reads(location: Location) -> None:
    location.tick()
    assert set(json.loads(location.cursor or "")) == {"version", "sha", "waiting", "held"}
