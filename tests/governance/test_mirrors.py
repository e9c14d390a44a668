"""The portal's own mirrors: nothing of a repository is believed, and no token is left behind."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from governance import github
from governance.mirrors import MirrorUnavailable, mirror
from tests.governance.world import CODE_REPO, World, a_request, request_file

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
    assert here.added(main, head, "jobs/") == (f"jobs/{request.id}.yaml",)


def _real_git() -> str:
    found = shutil.which("git")
    assert found is not None
    return found
