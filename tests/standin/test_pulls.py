"""Pull requests: opened, reviewed, merged."""

from __future__ import annotations

import pytest
from githubkit.exception import RequestFailed

from tests.standin.world import ORGANIZATION, REPOSITORY, World

HERE = (ORGANIZATION, REPOSITORY)


def test_a_pull_request_shows_its_true_files_and_patch(world: World) -> None:
    pull = world.pull("change", {"data/numbers.txt": "one\n2\nthree\n", "new.txt": "fresh\n"})
    files = world.person("controller").pulls.list_files(*HERE, pull.number).parsed_data
    assert {(f.filename, f.status, f.additions, f.deletions) for f in files} == {
        ("data/numbers.txt", "modified", 1, 1),
        ("new.txt", "added", 1, 0),
    }
    patch = next(f.patch for f in files if f.filename == "data/numbers.txt")
    assert patch == "@@ -1,3 +1,3 @@\n one\n-two\n+2\n three"
    assert (pull.commits, pull.changed_files, pull.additions, pull.deletions) == (1, 2, 2, 1)


def test_a_merge_brings_the_change_to_main_with_the_head_as_second_parent(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    merged = world.person("controller").pulls.merge(*HERE, pull.number, sha=pull.head.sha).parsed_data
    assert merged.merged
    commit = world.person("controller").git.get_commit(*HERE, merged.sha).parsed_data
    assert [parent.sha for parent in commit.parents][1] == pull.head.sha
    after = world.person("controller").pulls.get(*HERE, pull.number).parsed_data
    assert (after.state, after.merged, after.merged_by.login) == ("closed", True, "controller")


def test_a_stale_head_is_not_merged(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    world.branch("change-2", {"more.txt": "more\n"}, base="change")
    with pytest.raises(RequestFailed) as refused:
        world.person("controller").pulls.merge(*HERE, pull.number, sha="0" * 40)
    assert refused.value.response.status_code == 409
