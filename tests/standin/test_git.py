"""Git over HTTP with the true git."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.standin.seeded import FULL_NAME, HERE, ORGANIZATION, PERSONAL
from tests.standin.world import World, commit, git, refused


def test_a_private_repository_is_cloned_with_a_personal_token_alone(world: World) -> None:
    """One of emulate's faults: it serves no git."""
    clone = world.clone("researcher")
    assert (clone / "README.md").read_text() == "# Heart study\n"
    for token in (None, "ghp_unknown"):
        said = git(world.folder, "clone", world.remote(token), "stolen", fails=True)
        assert "could not read" in said or "Authentication failed" in said
    said = git(world.folder, "clone", world.remote(PERSONAL["outsider"]), "stolen", fails=True)
    assert "not found" in said


def test_what_does_not_exist_answers_as_what_may_not_be_seen(world: World) -> None:
    missing = git(
        world.folder, "clone", world.remote(PERSONAL["outsider"], f"{ORGANIZATION}/nothing"), "x", fails=True
    )
    hidden = git(world.folder, "clone", world.remote(PERSONAL["outsider"]), "x", fails=True)
    assert missing.replace("nothing", "heart-study") == hidden


def test_a_token_is_taken_as_the_user_name_too(world: World) -> None:
    address = world.url.replace("://", f"://{PERSONAL['researcher']}@") + f"/{FULL_NAME}.git"
    git(world.folder, "ls-remote", address)


@pytest.mark.parametrize(
    "options", [("--depth=1",), ("--filter=blob:none",), ("-c", "protocol.version=2"), ("--bare",)]
)
def test_every_way_of_cloning(world: World, options: tuple[str, ...]) -> None:
    clone = world.clone("researcher", *options)
    assert git(clone, "rev-list", "--count", "HEAD") == "1"


def test_a_large_push_arrives_in_chunks(world: World) -> None:
    clone = world.clone("researcher")
    (clone / "large.bin").write_bytes(b"".join(i.to_bytes(4, "big") * 3 for i in range(300_000)))
    git(clone, "checkout", "-q", "-b", "large")
    sha = commit(clone, {})
    git(clone, "-c", "http.postBuffer=65536", "push", "-q", "origin", "large")
    again = world.clone("researcher-2", "--branch", "large")
    assert git(again, "rev-parse", "HEAD") == sha
    assert (again / "large.bin").read_bytes() == (clone / "large.bin").read_bytes()


def test_branches_and_tags_are_pushed_forced_and_deleted(world: World) -> None:
    clone = world.clone("researcher")
    git(clone, "checkout", "-q", "-b", "change")
    commit(clone, {"new.txt": "one\n"})
    git(clone, "tag", "v1")
    git(clone, "push", "-q", "origin", "change", "v1")
    git(clone, "commit", "-q", "--amend", "-m", "Again")
    git(clone, "push", "origin", "change", fails=True)
    git(clone, "push", "-q", "--force", "origin", "change")
    git(clone, "push", "-q", "origin", ":change", ":v1")
    assert git(clone, "ls-remote", "origin", "refs/heads/change", "refs/tags/*") == ""
    kinds = [one.activity_type for one in world.activity_of("change")]
    assert kinds == ["branch_deletion", "force_push", "branch_creation"]


def test_one_who_may_only_read_clones_and_does_not_push(world: World) -> None:
    world.reader("outsider")
    clone = world.clone("outsider")
    commit(clone, {"new.txt": "fresh\n"})
    assert "403" in git(clone, "push", "origin", "main:mine", fails=True)


@pytest.mark.parametrize("ref", ["refs/pull/1/head", "refs/secret/thing"])
def test_refs_beside_branches_and_tags_are_not_pushed(world: World, ref: str) -> None:
    clone = world.clone("maintainer")
    git(clone, "push", "origin", f"HEAD:{ref}", fails=True)
    assert git(clone, "ls-remote", "origin", ref) == ""


def test_a_push_from_behind_is_refused_and_loses_nothing(world: World) -> None:
    behind = world.clone("maintainer")
    tip = world.push_to_main({"first.txt": "first\n"})
    commit(behind, {"second.txt": "second\n"})
    assert "rejected" in git(behind, "push", "origin", "main", fails=True)
    assert git(behind, "ls-remote", "origin", "refs/heads/main").split()[0] == tip


def test_an_app_pushes_with_its_installation_token(world: World) -> None:
    token = world.installation_token()
    clone = world.folder / "of-the-app"
    git(world.folder, "clone", "-q", world.remote(token), str(clone))
    git(
        clone,
        "-c",
        "user.name=x",
        "-c",
        "user.email=x@example.org",
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "By App",
    )
    git(clone, "push", "-q", "origin", "HEAD:by-app")
    assert world.activity_of("by-app")[0].actor.login == "lockgate[bot]"


def test_an_app_with_a_token_to_read_does_not_push(world: World) -> None:
    token = world.installation_token(permissions={"contents": "read"})
    clone = world.folder / "of-the-app"
    git(world.folder, "clone", "-q", world.remote(token), str(clone))
    assert "403" in git(clone, "push", "origin", "HEAD:by-app", fails=True)


def test_an_app_does_not_reach_a_repository_it_is_not_installed_on(world: World) -> None:
    address = world.remote(world.installation_token(), f"{ORGANIZATION}/elsewhere")
    assert "not found" in git(world.folder, "ls-remote", address, fails=True)


def test_an_app_without_the_permission_workflows_changes_no_workflow_file(world: World) -> None:
    workflow = ".github/workflows/gate.yaml"
    clone = world.folder / "of-the-app"
    git(world.folder, "clone", "-q", world.remote(world.installation_token()), str(clone))
    git(clone, "config", "user.name", "x")
    git(clone, "config", "user.email", "x@example.org")
    commit(clone, {workflow: "on: push\n"})
    said = git(clone, "push", "origin", "HEAD:by-app", fails=True)
    assert f"`{workflow}` without `workflows` permission" in said
    pull = world.pull("change", {workflow: "on: push\n"})
    assert refused(lambda: world.installation().pulls.merge(*HERE, pull.number)).status_code == 403
    assert world.person("controller").pulls.merge(*HERE, pull.number).parsed_data.merged


def test_objects_of_a_refused_push_are_not_kept(world: World) -> None:
    world.protect()
    clone = world.clone("controller")
    sha = commit(clone, {"new.txt": "secret\n"})
    git(clone, "push", "origin", "main", fails=True)
    assert refused(lambda: world.person("controller").git.get_commit(*HERE, sha)).status_code == 404


def test_an_empty_repository_is_cloned_and_filled(empty: World) -> None:
    clone = empty.folder / "clone"
    git(empty.folder, "clone", "-q", empty.remote(PERSONAL["maintainer"]), str(clone))
    git(
        clone,
        "-c",
        "user.name=x",
        "-c",
        "user.email=x@example.org",
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "Begin",
    )
    git(clone, "push", "-q", "origin", "HEAD:main")
    assert empty.person("maintainer").repos.get_branch(*HERE, "main").status_code == 200


def test_dvc_reads_a_private_repository(world: World) -> None:
    """DVC brings its own Git over HTTP."""
    address = world.remote(PERSONAL["researcher"])
    dvc = [sys.executable, "-m", "dvc", "list", "-R", address]
    environment = {**os.environ, "DVC_NO_ANALYTICS": "1", "HOME": str(world.folder)}
    listed = subprocess.run(
        dvc, cwd=world.folder, env=environment, capture_output=True, text=True, check=True
    )
    assert listed.stdout.split() == ["README.md", "data/numbers.txt"]
