"""The ways of merging that a repository allows, and the merge queue."""

from __future__ import annotations

from typing import Any

import pytest

from tests.standin.rules import govern, pull_request
from tests.standin.seeded import FULL_NAME, HERE
from tests.standin.world import World, commit, git, refused

QUEUE = {
    "check_response_timeout_minutes": 60,
    "grouping_strategy": "ALLGREEN",
    "max_entries_to_build": 5,
    "max_entries_to_merge": 5,
    "merge_method": "MERGE",
    "min_entries_to_merge": 1,
    "min_entries_to_merge_wait_minutes": 5,
}


def settings(world: World, **said: Any) -> Any:
    return world.person("maintainer").repos.update(*HERE, data=said).parsed_data


@pytest.mark.parametrize(
    ("method", "name", "words"),
    [
        ("merge", "merge_commit", "Merge commits"),
        ("squash", "squash_merge", "Squash merges"),
        ("rebase", "rebase_merge", "Rebase merges"),
    ],
)
def test_a_way_that_is_switched_off_is_refused(world: World, method: str, name: str, words: str) -> None:
    changed = settings(world, **{f"allow_{name}": False})
    assert getattr(changed, f"allow_{name}") is False
    pull = world.pull("change", {"new.txt": "fresh\n"})
    rest = world.person("maintainer").pulls
    answer = refused(lambda: rest.merge(*HERE, pull.number, merge_method=method))
    assert (answer.status_code, answer.json()["message"]) == (
        405,
        f"{words} are not allowed on this repository.",
    )
    settings(world, **{f"allow_{name}": True})
    assert rest.merge(*HERE, pull.number, merge_method=method).parsed_data.merged


def test_one_way_must_stay(world: World) -> None:
    settings(world, allow_squash_merge=False, allow_rebase_merge=False)
    assert refused(lambda: settings(world, allow_merge_commit=False)).status_code == 422
    found = world.person("researcher").repos.get(*HERE).parsed_data
    assert (found.allow_merge_commit, found.allow_squash_merge) == (True, False)


@pytest.mark.asks_too_much
def test_only_administrators_change_a_repository_and_what_is_not_held_is_said(world: World) -> None:
    rest = world.person("controller").repos
    assert refused(lambda: rest.update(*HERE, data={"allow_merge_commit": True})).status_code == 403
    answer = world.http("maintainer").patch(f"/api/v3/repos/{FULL_NAME}", json={"has_wiki": True})
    assert answer.status_code == 501


def test_a_rebase_puts_each_commit_on_the_base(world: World) -> None:
    clone = world.clone("researcher")
    git(clone, "checkout", "-q", "-b", "change")
    commit(clone, {"one.txt": "1\n"}, "First")
    commit(clone, {"two.txt": "2\n"}, "Second")
    git(clone, "push", "-q", "origin", "change")
    pull = world.open_pull("change")
    world.push_to_main({"other.txt": "other\n"})
    rest = world.person("controller").pulls
    assert rest.get(*HERE, pull.number).parsed_data.rebaseable
    sha = rest.merge(*HERE, pull.number, merge_method="rebase").parsed_data.sha
    clone = world.clone("controller")
    assert (
        git(clone, "log", "--format=%s %an", "-3")
        == "Second researcher\nFirst researcher\nChange files maintainer"
    )
    assert git(clone, "rev-parse", "HEAD") == sha
    assert rest.get(*HERE, pull.number).parsed_data.merged


def test_what_conflicts_is_not_rebased(world: World) -> None:
    pull = world.pull("change", {"data/numbers.txt": "1\n"})
    world.push_to_main({"data/numbers.txt": "2\n"})
    merge = lambda: world.person("controller").pulls.merge(*HERE, pull.number, merge_method="rebase")  # noqa: E731
    assert refused(merge).status_code == 405


def test_a_rule_can_allow_some_ways_alone(world: World) -> None:
    govern(world, "~DEFAULT_BRANCH", rules=[pull_request(allowed_merge_methods=["merge"])])
    pull = world.pull("change", {"new.txt": "fresh\n"})
    rest = world.person("controller").pulls
    assert refused(lambda: rest.merge(*HERE, pull.number, merge_method="squash")).status_code == 405
    assert rest.merge(*HERE, pull.number, merge_method="merge").parsed_data.merged


def test_a_branch_with_a_merge_queue_is_merged_by_the_queue_alone(world: World) -> None:
    govern(world, "~DEFAULT_BRANCH", rules=[{"type": "merge_queue", "parameters": QUEUE}])
    pull = world.pull("change", {"new.txt": "fresh\n"})
    answer = refused(lambda: world.person("maintainer").pulls.merge(*HERE, pull.number))
    assert (answer.status_code, "merge queue" in answer.json()["message"]) == (405, True)
    clone = world.clone("maintainer")
    commit(clone, {"new.txt": "fresh\n"})
    assert "merge queue" in git(clone, "push", "origin", "main", fails=True)


def test_a_linear_history_takes_no_merge_commits(world: World) -> None:
    govern(world, "~DEFAULT_BRANCH", rules=[{"type": "required_linear_history"}])
    pull = world.pull("change", {"new.txt": "fresh\n"})
    rest = world.person("controller").pulls
    assert refused(lambda: rest.merge(*HERE, pull.number)).status_code == 405
    clone = world.clone("maintainer")
    git(clone, "merge", "-q", "--no-ff", "-m", "Merge", "origin/change")
    assert "merge commits" in git(clone, "push", "origin", "main", fails=True)
    assert rest.merge(*HERE, pull.number, merge_method="squash").parsed_data.merged
