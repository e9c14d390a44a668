"""Workflow runs and their jobs are shown, and run again: all, those that failed, or one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.standin.seeded import FULL_NAME, HERE
from tests.standin.world import World, refused
from tests.standin_actions.workflows import FOLDER, add_to_main, check_runs, log_of, wait_for

# `gate` fails until the repository says otherwise; `report` runs after it, whatever came of it.
GATE = """
name: Checks
on: pull_request_target
permissions: {contents: read}
jobs:
  lint:
    runs-on: ubuntu-24.04
    steps: [{run: "echo linted"}]
  gate:
    runs-on: ubuntu-24.04
    steps: [{run: "echo attempt ${{ github.run_attempt }} by ${{ github.triggering_actor }}; exit 1"}]
  report:
    runs-on: ubuntu-24.04
    needs: gate
    if: always()
    steps: [{run: "echo done"}]
"""


@pytest.fixture
def run(world: World) -> Any:
    """A finished run with a job that fails."""
    add_to_main(world, {f"{FOLDER}/gate.yaml": GATE})
    pull = world.pull("change", {"new.txt": "fresh\n"})
    return finished(world, head_sha=pull.head.sha)


def finished(world: World, attempt: int = 1, **asked: Any) -> Any:
    """The newest run once that attempt of it is completed."""

    def look() -> Any:
        found = world.person("researcher").actions.list_workflow_runs_for_repo(*HERE, **asked).parsed_data
        runs = [one for one in found.workflow_runs if one.status == "completed"]
        return runs[0] if runs and runs[0].run_attempt == attempt else None

    return wait_for(look, f"attempt {attempt} of {asked}")


def jobs(world: World, run: Any, filter_: Any = "latest") -> dict[str, list[int]]:
    rest = world.person("researcher").actions
    found = rest.list_jobs_for_workflow_run(*HERE, run.id, filter_=filter_).parsed_data.jobs
    told: dict[str, list[int]] = {}
    for job in found:
        told.setdefault(job.name, []).append(job.run_attempt)
    return told


def test_a_run_tells_what_started_it_and_how_it_came_out(world: World, run: Any) -> None:
    assert (run.name, run.event, run.conclusion) == ("Checks", "pull_request_target", "failure")
    assert (run.head_branch, run.display_title) == ("change", "Propose change")
    assert (run.actor.login, run.path) == ("researcher", f"{FOLDER}/gate.yaml")
    rest = world.person("researcher").actions
    assert rest.get_workflow_run(*HERE, run.id).parsed_data == run
    found = rest.list_jobs_for_workflow_run(*HERE, run.id).parsed_data.jobs
    assert [(one.name, one.conclusion) for one in found] == [
        ("lint", "success"),
        ("gate", "failure"),
        ("report", "success"),
    ]
    assert rest.get_job_for_workflow_run(*HERE, found[1].id).parsed_data == found[1]


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"event": "push"}, 0),
        ({"branch": "change"}, 1),
        ({"status": "failure"}, 1),
        ({"status": "success"}, 0),
        ({"actor": "controller"}, 0),
    ],
)
def test_runs_are_found_by_what_they_are(world: World, run: Any, asked: Any, count: int) -> None:
    found = world.person("researcher").actions.list_workflow_runs_for_repo(*HERE, **asked)
    assert found.parsed_data.total_count == count


def test_a_whole_run_is_run_again_with_checks_of_its_own(world: World, run: Any) -> None:
    before = check_runs(world, run.head_sha, "gate")
    assert world.person("controller").actions.re_run_workflow(*HERE, run.id).status_code == 201
    again = finished(world, 2, head_sha=run.head_sha)
    assert (again.id, again.triggering_actor.login, again.actor.login) == (
        run.id,
        "controller",
        "researcher",
    )
    after = check_runs(world, run.head_sha, "gate")
    assert [one.id for one in after][:-1] == [one.id for one in before]
    assert "attempt 2 by controller" in log_of(world, after[-1])
    assert jobs(world, run) == {"lint": [2], "gate": [2], "report": [2]}
    assert jobs(world, run, "all") == {"lint": [1, 2], "gate": [1, 2], "report": [1, 2]}


def test_what_failed_is_run_again_with_what_needs_it(world: World, run: Any) -> None:
    world.person("controller").actions.re_run_workflow_failed_jobs(*HERE, run.id)
    finished(world, 2, head_sha=run.head_sha)
    assert jobs(world, run) == {"lint": [1], "gate": [2], "report": [2]}


def test_one_job_is_run_again(world: World, run: Any) -> None:
    (check,) = check_runs(world, run.head_sha, "lint")
    world.person("controller").actions.re_run_job_for_workflow_run(*HERE, check.id)
    finished(world, 2, head_sha=run.head_sha)
    assert jobs(world, run) == {"lint": [2], "gate": [1], "report": [1]}


def test_one_who_may_only_read_runs_nothing_again(world: World, run: Any) -> None:
    world.reader("outsider")
    rest = world.person("outsider").actions
    assert refused(lambda: rest.re_run_workflow(*HERE, run.id)).status_code == 403
    path = f"/api/v3/repos/{FULL_NAME}/actions/runs/{run.id + 1}"
    assert world.http("outsider").get(path).status_code == 404
