"""The portal's own mirrors: nothing of a repository is believed, and no token is left behind."""

from __future__ import annotations

import os
import shutil
import time
from importlib import import_module
from pathlib import Path

import pytest

from governance import github
from governance.mirrors import Entry, Mirror, MirrorUnavailable, mirror
from governance.mirrors.mirror import REST_SECONDS
from tests.governance.world import CODE_REPO, World, a_request, request_file
from tests.standin.world import commit, git

pytestmark = pytest.mark.django_db


def test_the_token_is_nowhere_on_disk(world: World) -> None:
    token = github.reader().git_token(CODE_REPO)
    here = mirror(CODE_REPO)
    here.fetch(token)
    found = [path for path in here.path.rglob("*") if path.is_file() and token.encode() in path.read_bytes()]
    assert found == []


def test_the_token_is_in_no_argument(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git, log = _real_git(), tmp_path / "arguments"
    spy = tmp_path / "bin" / "git"
    spy.parent.mkdir()
    spy.write_text(f'#!/bin/sh\necho "$@" >> {log}\nexec {git} "$@"\n')
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{spy.parent}{os.pathsep}{os.environ['PATH']}")
    token = github.reader().git_token(CODE_REPO)
    mirror(CODE_REPO).fetch(token)
    assert "fetch" in log.read_text()
    assert token not in log.read_text()


def test_a_repository_that_cannot_be_read_says_so_without_the_token(world: World) -> None:
    with pytest.raises(MirrorUnavailable, match="could not be read") as raised:
        mirror("north-health/elsewhere").fetch("ghs_secret")
    assert "ghs_secret" not in str(raised.value)


def test_a_repository_that_takes_too_long_lets_others_have_their_turn_before_it_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = tmp_path / "bin" / "git"
    hanging.parent.mkdir()
    hanging.write_text("#!/bin/sh\nexec sleep 20\n")
    hanging.chmod(0o755)
    monkeypatch.setenv("PATH", f"{hanging.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(import_module("governance.mirrors.mirror"), "READ_SECONDS", 0.05)
    here = Mirror(CODE_REPO, tmp_path / "mirror.git")
    with pytest.raises(MirrorUnavailable, match="git took more than"):
        here.fetch("ghs_secret")
    with pytest.raises(MirrorUnavailable, match="just now"):
        here.fetch("ghs_secret")
    a_while_ago = time.time() - REST_SECONDS
    os.utime(tmp_path / "mirror.slow", (a_while_ago, a_while_ago))
    with pytest.raises(MirrorUnavailable, match="git took more than"):
        here.fetch("ghs_secret")


@pytest.mark.parametrize("name", ["../etc", "a/../b", "a/b/c", "a", "-x/y", "a/b;c"])
def test_a_name_that_is_no_repository_is_no_path(name: str) -> None:
    with pytest.raises(ValueError, match="not owner/name"):
        mirror(name)


def test_a_symlink_is_no_file(world: World) -> None:
    clone = world.clone(CODE_REPO, "researcher")
    (clone / "jobs" / "link.yaml").symlink_to("/etc/passwd")
    sha = world.push_clone(clone, "link")
    here = mirror(CODE_REPO)
    here.fetch(github.reader().git_token(CODE_REPO))
    assert here.has(sha)
    assert here.read(sha, "jobs/link.yaml") is None


def test_a_mirror_that_was_lost_is_not_taken_to_hold_what_it_held(world: World) -> None:
    here = mirror(CODE_REPO)
    tip = here.tip("main")
    assert tip is not None
    assert here.has(tip)
    shutil.rmtree(here.path)
    assert not here.has(tip)
    here.fetch(github.reader().git_token(CODE_REPO))
    assert here.has(tip)


def test_what_a_branch_adds_is_told_against_where_it_began(world: World) -> None:
    request = a_request()
    head = world.push("request/x", request_file(request), login="researcher")
    here = mirror(CODE_REPO)
    here.fetch(github.reader().git_token(CODE_REPO))
    main = here.tip("main")
    assert main is not None
    assert here.merge_base(main, head) == main
    assert here.added(main, head, "jobs") == (f"jobs/{request.id}.yaml",)


LONG = "x" * 2000
BEFORE = {"jobs/kept.yaml": "1", "jobs/moved.yaml": "2", "jobs/gone.yaml": "3", "other.txt": "4"}
AFTER = {
    "jobs/moved.yaml": "5",
    "jobs/deep/new.yaml": "6",
    "jobs/ünï.yaml": "7",
    "jobs/long.yaml": LONG,
    "results/new/manifest.yaml": "8",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a commit, and the next one, which adds, changes, removes and links files."""
    clone = tmp_path_factory.mktemp("made") / "clone"
    git(clone.parent, "init", "-q", "--initial-branch=two", str(clone))
    git(clone, "config", "user.name", "researcher")
    git(clone, "config", "user.email", "researcher@example.org")
    commit(clone, BEFORE)
    git(clone, "rm", "-q", "jobs/gone.yaml")
    (clone / "jobs" / "kept.yaml").unlink()
    (clone / "jobs" / "kept.yaml").symlink_to("moved.yaml")
    commit(clone, AFTER)
    return clone / ".git"


@pytest.fixture
def two_commits(made: Path, tmp_path: Path) -> tuple[Mirror, str, str]:
    """A mirror, a commit, and the next one."""
    here = Mirror(CODE_REPO, tmp_path / "mirror.git")
    git(tmp_path, "clone", "-q", "--bare", str(made), str(here.path))
    before, after = (git(here.path, "rev-parse", name) for name in ("two^", "two"))
    return here, before, after


@pytest.mark.parametrize("folder", ["jobs", "results", "results/new", "nowhere", "other.txt"])
def test_what_differs_is_told_as_git_tells_it(two_commits: tuple[Mirror, str, str], folder: str) -> None:
    here, before, after = two_commits
    within = ["--no-renames", "-z", "--name-only", "--", f"{folder}/"]
    for old, new in ((before, after), (after, before), (before, before)):
        said = git(here.path, "diff", old, new, *within).split("\0")[:-1]
        new_there = git(here.path, "diff", "--diff-filter=A", old, new, *within).split("\0")[:-1]
        assert here.changed(old, new, folder) == tuple(said)
        assert here.added(old, new, folder) == tuple(new_there)


def test_what_a_folder_holds_is_told_as_git_tells_it(two_commits: tuple[Mirror, str, str]) -> None:
    here, _, after = two_commits
    listed = git(here.path, "ls-tree", "-z", "-l", f"{after}:jobs").split("\0")[:-1]
    lines = [line.replace("\t", " ").split() for line in listed]
    files = [Entry(name, sha, int(size)) for mode, _, sha, size, name in lines if mode.startswith("100")]
    assert list(here.files(after, "jobs")) == files
    assert {name: data for name, data in here.read_all(after, "jobs", most=1000) if name == "long.yaml"} == {
        "long.yaml": None
    }
    assert here.read(after, "jobs/ünï.yaml") == b"7"
    assert here.parent(after) == git(here.path, "rev-parse", f"{after}^1")
    assert here.blob(after, "jobs/long.yaml") == git(here.path, "rev-parse", f"{after}:jobs/long.yaml")


def test_a_file_that_is_too_long_is_not_read(two_commits: tuple[Mirror, str, str]) -> None:
    here, _, after = two_commits
    assert here.read(after, "jobs/long.yaml", most=len(LONG)) == LONG.encode()
    assert here.read(after, "jobs/long.yaml", most=len(LONG) - 1) is None


@pytest.mark.parametrize("name", ["", "main", "HEAD", "0" * 40, "zz", "a" * 39, "refs/heads/two", "--all"])
def test_what_is_no_full_sha_of_a_commit_here_names_nothing(
    two_commits: tuple[Mirror, str, str], name: str
) -> None:
    here, before, _ = two_commits
    tree = git(here.path, "rev-parse", f"{before}^{{tree}}")
    for sha in (name, tree):
        assert not here.has(sha)
        assert here.read(sha, "other.txt") is None
        assert here.files(sha, "jobs") == ()
        assert here.changed(before, sha, "jobs") == here.added(sha, before, "jobs") == ()
        assert here.merge_base(before, sha) is None
    assert here.lacks([before, name])
    assert not here.lacks([before, tree])


@pytest.mark.parametrize("branch", ["", "none", "a..b", "../main", "x y", "two^", "@{-1}"])
def test_a_branch_that_is_none_has_no_tip(two_commits: tuple[Mirror, str, str], branch: str) -> None:
    assert two_commits[0].tip(branch) is None
    assert two_commits[0].tip("two") == two_commits[2]


@pytest.mark.parametrize(
    "path", ["", "/", ".", "..", "jobs", "jobs/", "jobs//long.yaml", "../x", "jobs/deep/../long.yaml"]
)
def test_a_path_that_names_no_file_is_none(two_commits: tuple[Mirror, str, str], path: str) -> None:
    here, _, after = two_commits
    assert here.read(after, path) is None
    assert here.blob(after, path) is None


def test_a_broken_mirror_is_no_answer(two_commits: tuple[Mirror, str, str]) -> None:
    here, _, after = two_commits
    (here.path / "config").write_text("[broken")
    with pytest.raises(MirrorUnavailable, match="could not be read"):
        here.has(after)


def test_nobody_replaces_what_a_name_stands_for(two_commits: tuple[Mirror, str, str]) -> None:
    here, before, after = two_commits
    git(here.path, "replace", after, before)
    assert here.read(after, "jobs/moved.yaml") == b"5"


def _real_git() -> str:
    found = shutil.which("git")
    assert found is not None
    return found
