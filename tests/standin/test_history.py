"""Comparing, bringing a branch up to date, and taking a merge back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.standin.rules import app, govern
from tests.standin.seeded import FULL_NAME, HERE, NODE_APP, PORTAL_APP
from tests.standin.world import World, commit, git, refused


def test_two_revisions_are_compared_from_where_they_parted(world: World) -> None:
    head = world.branch("change", {"data/numbers.txt": "one\n2\nthree\n"})
    tip = world.push_to_main({"other.txt": "other\n"})
    found = world.person("researcher").repos.compare_commits(*HERE, "main...change").parsed_data
    assert (found.status, found.ahead_by, found.behind_by, found.total_commits) == ("diverged", 1, 1, 1)
    assert (found.base_commit.sha, [one.sha for one in found.commits]) == (tip, [head])
    (file,) = found.files
    assert (file.filename, file.status, "-two\n+2" in file.patch) == ("data/numbers.txt", "modified", True)
    same = world.person("researcher").repos.compare_commits(*HERE, f"{head}...change").parsed_data
    assert (same.status, same.commits, same.files) == ("identical", [], [])


def test_a_long_comparison_comes_in_pages(world: World) -> None:
    clone = world.clone("researcher")
    shas = [commit(clone, {"new.txt": f"{number}\n"}) for number in range(3)]
    git(clone, "push", "-q", "origin", "main:change")
    http, path = world.http("researcher"), f"/api/v3/repos/{FULL_NAME}/compare/main...change"
    first = http.get(path, params={"per_page": 2})
    assert [one["sha"] for one in first.json()["commits"]] == shas[:2]
    second = http.get(first.links["next"]["url"]).json()
    assert [one["sha"] for one in second["commits"]] == shas[2:]
    assert (second["total_commits"], "files" in second) == (3, False)


def test_what_is_not_there_cannot_be_compared(world: World) -> None:
    rest = world.person("researcher").repos
    assert refused(lambda: rest.compare_commits(*HERE, "main...nowhere")).status_code == 404


def behind(world: World) -> Any:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    world.push_to_main({"other.txt": "other\n"})
    return pull


@pytest.mark.parametrize("who", ["controller", "portal"])
def test_a_branch_is_brought_up_to_date_by_the_caller(world: World, who: str) -> None:
    pull = behind(world)
    rest = world.installation(PORTAL_APP) if who == "portal" else world.person(who)
    rest.pulls.update_branch(*HERE, pull.number, data={"expected_head_sha": pull.head.sha})
    found = world.person("researcher").pulls.get(*HERE, pull.number).parsed_data
    made = world.person("researcher").git.get_commit(*HERE, found.head.sha).parsed_data
    main = world.person("researcher").git.get_ref(*HERE, "heads/main").parsed_data.object_.sha
    assert [one.sha for one in made.parents] == [pull.head.sha, main]
    assert [
        one.filename for one in world.person("researcher").pulls.list_files(*HERE, pull.number).parsed_data
    ] == ["new.txt"]
    expected = "lockgate[bot]" if who == "portal" else who
    assert world.activity_of("change")[0].actor.login == expected


def test_a_branch_is_not_brought_up_to_date_from_another_head_or_twice(world: World) -> None:
    pull = behind(world)
    rest = world.person("controller").pulls
    other = {"expected_head_sha": pull.base.sha}
    assert refused(lambda: rest.update_branch(*HERE, pull.number, data=other)).status_code == 422
    rest.update_branch(*HERE, pull.number)
    assert refused(lambda: rest.update_branch(*HERE, pull.number)).status_code == 422


def test_a_branch_that_conflicts_or_is_anothers_is_not_brought_up_to_date(world: World) -> None:
    pull = world.pull("change", {"data/numbers.txt": "1\n"})
    world.push_to_main({"data/numbers.txt": "2\n"})
    rest = world.person("controller").pulls
    assert refused(lambda: rest.update_branch(*HERE, pull.number)).status_code == 422
    world.branch("results/a/north/b", {"new.txt": "fresh\n"})
    ours = world.open_pull("results/a/north/b")
    world.push_to_main({"third.txt": "3\n"})
    govern(world, "refs/heads/results/**/*", bypass_actors=[app()])
    assert refused(lambda: rest.update_branch(*HERE, ours.number)).status_code == 422
    world.installation(NODE_APP).pulls.update_branch(*HERE, ours.number)


def test_a_merge_is_taken_back_by_git_data(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n", "README.md": "# Other\n"})
    merged = world.person("controller").pulls.merge(*HERE, pull.number).parsed_data.sha
    rest = world.person("controller").git
    before = rest.get_commit(*HERE, pull.base.sha).parsed_data.tree.sha
    old = rest.get_tree(*HERE, before).parsed_data
    readme = next(one.sha for one in old.tree if one.path == "README.md")
    changes = [
        {"path": "new.txt", "mode": "100644", "type": "blob", "sha": None},
        {"path": "README.md", "mode": "100644", "type": "blob", "sha": readme},
    ]
    tree = rest.create_tree(*HERE, data={"base_tree": merged, "tree": changes}).parsed_data.sha
    assert tree == before
    said = {"message": f"Revert {merged}", "tree": tree, "parents": [merged]}
    head = rest.create_commit(*HERE, data=said).parsed_data.sha
    rest.create_ref(*HERE, ref="refs/heads/revert-1", sha=head)
    back = world.open_pull("revert-1", login="controller")
    assert world.person("maintainer").pulls.merge(*HERE, back.number).parsed_data.merged
    assert not (world.clone("researcher") / "new.txt").exists()
