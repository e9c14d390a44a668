"""Files, trees, commits and refs through the API; and who is said to have moved what."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.standin.seeded import HERE
from tests.standin.world import World, commit, git, refused


def _text(found: Any) -> str:
    return base64.b64decode(found.content).decode()


def test_a_file_is_read_at_any_ref(world: World) -> None:
    world.branch("change", {"README.md": "# Changed\n"})
    rest = world.person("researcher").repos
    assert _text(rest.get_content(*HERE, "README.md").parsed_data) == "# Heart study\n"
    assert _text(rest.get_content(*HERE, "README.md", ref="change").parsed_data) == "# Changed\n"
    assert [one.name for one in rest.get_content(*HERE, "").parsed_data] == ["README.md", "data"]
    assert refused(lambda: rest.get_content(*HERE, "nothing.txt")).status_code == 404
    assert refused(lambda: rest.get_content(*HERE, "README.md", ref="nowhere")).status_code == 404


def test_a_file_is_read_raw(world: World) -> None:
    accept = {"accept": "application/vnd.github.raw"}
    path = f"/api/v3/repos/{'/'.join(HERE)}/contents/data/numbers.txt"
    assert world.http("researcher", headers=accept).get(path).content == b"one\ntwo\nthree\n"


def test_a_file_is_created_changed_and_removed_by_the_blob_that_was_seen(world: World) -> None:
    rest = world.person("maintainer").repos

    def put(text: str, **seen: str) -> Any:
        content = base64.b64encode(text.encode()).decode()
        return rest.create_or_update_file_contents(*HERE, "a/new.txt", message="Set", content=content, **seen)

    first = put("one\n").parsed_data
    assert refused(lambda: put("two\n")).status_code == 422
    assert refused(lambda: put("two\n", sha="0" * 40)).status_code == 409
    second = put("two\n", sha=first.content.sha).parsed_data
    assert second.commit.parents[0].sha == first.commit.sha
    rest.delete_file(*HERE, "a/new.txt", message="Remove", sha=second.content.sha)
    assert refused(lambda: rest.get_content(*HERE, "a/new.txt")).status_code == 404


def test_one_commit_of_several_files_by_the_git_data_api(world: World) -> None:
    rest = world.installation().git
    head = rest.get_ref(*HERE, "heads/main").parsed_data.object_.sha
    blob = rest.create_blob(
        *HERE, content=base64.b64encode(b"\x00\x01").decode(), encoding="base64"
    ).parsed_data
    entries = [
        {"path": "results/a.bin", "mode": "100644", "type": "blob", "sha": blob.sha},
        {"path": "results/run.sh", "mode": "100755", "type": "blob", "content": "true\n"},
        {"path": "data/numbers.txt", "mode": "100644", "type": "blob", "sha": None},
    ]
    base = rest.get_commit(*HERE, head).parsed_data.tree.sha
    tree = rest.create_tree(*HERE, data={"base_tree": base, "tree": entries}).parsed_data
    made = rest.create_commit(*HERE, message="Results", tree=tree.sha, parents=[head]).parsed_data
    rest.create_ref(*HERE, ref="refs/heads/results", sha=made.sha)
    clone = world.clone("researcher", "--branch", "results")
    assert (
        git(clone, "ls-files", "-s").split()
        == git(clone, "ls-tree", "-r", "--format=%(objectmode) %(objectname) 0 %(path)", "HEAD").split()
    )
    assert sorted(git(clone, "ls-files").splitlines()) == ["README.md", "results/a.bin", "results/run.sh"]
    assert (clone / "results/a.bin").read_bytes() == b"\x00\x01"
    assert made.author.name == "Lockgate"


@pytest.mark.parametrize("path", ["../up.txt", "a/.git/config", "a//b", ".GIT/hooks/x", "/root"])
def test_a_path_that_git_would_not_take_is_refused(world: World, path: str) -> None:
    rest = world.person("researcher").git
    entry = {"path": path, "mode": "100644", "type": "blob", "content": "x"}
    assert refused(lambda: rest.create_tree(*HERE, data={"tree": [entry]})).status_code == 422


def test_a_ref_moves_forward_unless_forced_and_to_what_exists_alone(world: World) -> None:
    rest = world.person("researcher").git
    one = world.branch("one", {"one.txt": "1\n"})
    two = world.branch("two", {"two.txt": "2\n"})
    assert refused(lambda: rest.update_ref(*HERE, "heads/one", sha=two)).status_code == 422
    assert rest.update_ref(*HERE, "heads/one", sha=two, force=True).parsed_data.object_.sha == two
    assert refused(lambda: rest.update_ref(*HERE, "heads/one", sha="0" * 40)).status_code == 422
    assert refused(lambda: rest.create_ref(*HERE, ref="refs/heads/one", sha=one)).status_code == 422
    assert refused(lambda: rest.create_ref(*HERE, ref="refs/pull/9/head", sha=one)).status_code == 422
    listed = rest.list_matching_refs(*HERE, "heads/").parsed_data
    assert [ref.ref for ref in listed] == ["refs/heads/main", "refs/heads/one", "refs/heads/two"]


def test_trees_are_listed_whole_or_one_level(world: World) -> None:
    rest = world.person("researcher").git
    assert [one.path for one in rest.get_tree(*HERE, "main").parsed_data.tree] == ["README.md", "data"]
    whole = rest.get_tree(*HERE, "main", recursive="1").parsed_data.tree
    assert [(one.path, one.type) for one in whole] == [
        ("README.md", "blob"),
        ("data", "tree"),
        ("data/numbers.txt", "blob"),
    ]


def test_commits_and_comparisons(world: World) -> None:
    head = world.branch("change", {"new.txt": "fresh\n"})
    rest = world.person("researcher").repos
    assert rest.list_commits(*HERE, sha="change").parsed_data[0].sha == head
    assert rest.list_commits(*HERE, sha="change", path="new.txt").parsed_data[0].sha == head
    (file,) = rest.get_commit(*HERE, head).parsed_data.files
    assert (file.filename, file.status) == ("new.txt", "added")
    compared = rest.compare_commits(*HERE, "main...change").parsed_data
    assert (compared.status, compared.ahead_by, [f.filename for f in compared.files]) == (
        "ahead",
        1,
        ["new.txt"],
    )
    assert rest.compare_commits(*HERE, "change...main").parsed_data.status == "behind"


def test_activity_says_who_moved_a_branch_whatever_the_commits_say(world: World) -> None:
    clone = world.clone("researcher")
    git(clone, "checkout", "-q", "-b", "change")
    git(clone, "config", "user.email", "controller@example.org")
    forged = commit(clone, {"new.txt": "fresh\n"})
    git(clone, "push", "-q", "origin", "change")
    rest = world.person("controller").repos
    by_api = rest.create_or_update_file_contents(*HERE, "b.txt", message="B", content="Yg==", branch="change")
    app = world.installation().git
    made = app.create_commit(
        *HERE, message="C", tree=by_api.parsed_data.commit.tree.sha, parents=[by_api.parsed_data.commit.sha]
    ).parsed_data
    app.update_ref(*HERE, "heads/change", sha=made.sha)
    seen = world.activity_of("change")
    assert [(one.actor.id, one.actor.login) for one in seen] == [
        (4001, "lockgate[bot]"),
        (1003, "controller"),
        (1001, "researcher"),
    ]
    assert [one.after for one in seen] == [made.sha, by_api.parsed_data.commit.sha, forged]
    assert seen[-1].before == "0" * 40


def test_activity_tells_merges_from_pushes(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    world.person("controller").pulls.merge(*HERE, pull.number)
    newest, first = world.activity_of("refs/heads/main")
    assert (newest.activity_type, newest.actor.id) == ("pr_merge", 1003)
    assert (first.activity_type, first.actor.id) == ("branch_creation", 1005)
