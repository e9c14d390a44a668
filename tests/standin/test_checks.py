"""Check runs: written by Apps alone, read by those who may read the repository."""

from __future__ import annotations

from typing import Any

import pytest

from tests.standin.seeded import HERE, NODE_APP, PORTAL_APP
from tests.standin.world import World, refused


def test_a_check_is_created_moved_on_and_completed(world: World) -> None:
    sha = world.branch("change", {"new.txt": "fresh\n"})
    output = {"title": "Waiting", "summary": "One more approval"}
    made = world.check(sha, status="in_progress", output=output)
    assert (made.status, made.conclusion, made.completed_at) == ("in_progress", None, None)
    rest = world.installation().checks
    done = rest.update(*HERE, made.id, data={"status": "completed", "conclusion": "success"}).parsed_data
    assert (done.status, done.conclusion, done.output.summary) == (
        "completed",
        "success",
        "One more approval",
    )
    assert done.app.id == PORTAL_APP
    assert rest.get(*HERE, made.id).parsed_data.completed_at == done.completed_at


def test_only_apps_write_checks(world: World) -> None:
    sha = world.branch("change", {"new.txt": "fresh\n"})
    data = {"name": "lockgate/policy", "head_sha": sha, "conclusion": "success"}
    assert refused(lambda: world.person("maintainer").checks.create(*HERE, data=data)).status_code == 403


def test_an_app_changes_no_other_apps_check(world: World) -> None:
    made = world.check(world.branch("change", {"new.txt": "fresh\n"}))
    world.site.store.update(world.app_row(NODE_APP), permissions={"checks": "write"})
    rest = world.installation(NODE_APP).checks
    answer = refused(
        lambda: rest.update(*HERE, made.id, data={"conclusion": "failure", "status": "completed"})
    )
    assert answer.status_code == 403


def test_checks_of_a_commit_are_the_newest_of_each_name_and_app(world: World) -> None:
    sha = world.branch("change", {"new.txt": "fresh\n"})
    world.site.store.update(world.app_row(NODE_APP), permissions={"checks": "write"})
    world.check(sha, conclusion="failure")
    newest = world.check(sha)
    other = world.check(sha, app=NODE_APP)
    named = world.check(sha, name="gate")
    rest = world.person("researcher").checks
    assert _ids(rest.list_for_ref(*HERE, sha)) == {newest.id, other.id, named.id}
    assert _ids(rest.list_for_ref(*HERE, sha, app_id=PORTAL_APP)) == {newest.id, named.id}
    assert _ids(rest.list_for_ref(*HERE, sha, check_name="gate")) == {named.id}
    assert len(_ids(rest.list_for_ref(*HERE, sha, filter_="all"))) == 4
    assert _ids(rest.list_for_ref(*HERE, "change")) == {newest.id, other.id, named.id}


def test_the_suite_of_an_app_sums_up_its_checks(world: World) -> None:
    sha = world.branch("change", {"new.txt": "fresh\n"})
    world.check(sha, name="one")
    rest = world.person("researcher").checks
    (suite,) = rest.list_suites_for_ref(*HERE, sha).parsed_data.check_suites
    assert (suite.status, suite.conclusion, suite.head_branch) == ("completed", "success", "change")
    world.check(sha, name="two", status="queued")
    assert rest.get_suite(*HERE, suite.id).parsed_data.status == "in_progress"
    assert len(rest.list_for_suite(*HERE, suite.id).parsed_data.check_runs) == 2


def test_a_check_names_the_open_pull_requests_of_its_commit(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    made = world.check(pull.head.sha)
    assert [one.number for one in made.pull_requests] == [pull.number]


def test_annotations_are_kept(world: World) -> None:
    where = {"path": "new.txt", "start_line": 1, "end_line": 1}
    note = {**where, "annotation_level": "failure", "message": "Not so"}
    output = {"title": "Refused", "summary": "One problem", "annotations": [note]}
    made = world.check(world.branch("change", {"new.txt": "fresh\n"}), conclusion="failure", output=output)
    assert made.output.annotations_count == 1
    (kept,) = world.person("researcher").checks.list_annotations(*HERE, made.id).parsed_data
    assert (kept.path, kept.message) == ("new.txt", "Not so")


@pytest.mark.parametrize(
    "data",
    [
        {"head_sha": "0" * 40, "conclusion": "success"},
        {"conclusion": "perfect"},
        {"status": "completed"},
        {"status": "half done"},
        {"output": {"title": "No summary"}},
    ],
)
def test_a_check_that_makes_no_sense_is_refused(world: World, data: dict[str, Any]) -> None:
    sha = world.branch("change", {"new.txt": "fresh\n"})
    whole = {"name": "lockgate/policy", "head_sha": sha, **data}
    headers = {"authorization": f"Bearer {world.installation_token()}"}
    path = f"/api/v3/repos/{'/'.join(HERE)}/check-runs"
    assert world.http(headers=headers).post(path, json=whole).status_code == 422


def _ids(response: Any) -> set[int]:
    return {run.id for run in response.parsed_data.check_runs}
