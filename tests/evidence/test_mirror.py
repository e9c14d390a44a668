"""A mirror follows GitHub, notices a rewritten main, and its token is left nowhere."""

from __future__ import annotations

import base64
import os
import shutil
from pathlib import Path

import pytest

from lockgate.evidence import HEADS_AND_PULLS, HistoryRewritten, Mirror, MirrorUnavailable
from tests.evidence.github import REPOSITORY, GitHub
from tests.gate.repository import Odd, Repository


def merged(work: Repository, files: dict[str, bytes], branch: str = "side") -> tuple[str, str]:
    """A branch with these files, merged into main: (head, merge)."""
    head = work.commit(files, branch=branch)
    return head, work.commit(files, parents=(work.tip(), head), branch="main")


def test_the_mirror_follows_github(github: GitHub, work: Repository, mirror: Mirror) -> None:
    assert mirror.tip("main") == work.tip()
    work.commit({"new.txt": b"new"}, branch="main")
    github.push(work, "main:main", "maintainer")
    mirror.fetch()
    assert mirror.read(mirror.tip("main"), "new.txt") == b"new"


def test_a_pull_requests_head_can_be_fetched_too(github: GitHub, work: Repository, mirror: Mirror) -> None:
    head = work.commit({"pull.txt": b"x"}, branch="pulled")
    github.push(work, "pulled:pulled")
    number = github.open("pulled")
    mirror.fetch(HEADS_AND_PULLS)
    assert mirror.commit(f"refs/pull/{number}/head") == head


def test_a_branch_that_is_gone_is_gone_here(github: GitHub, work: Repository, mirror: Mirror) -> None:
    work.commit({"a.txt": b"a"}, branch="short")
    github.push(work, "short:short")
    mirror.fetch()
    assert mirror.tip("short") == work.tip("short")
    github.push(work, ":short")
    mirror.fetch()
    with pytest.raises(MirrorUnavailable):
        mirror.tip("short")


def test_merges_come_oldest_first_along_the_first_parents(work: Repository, tmp_path: Path) -> None:
    since = work.tip()
    (head, first), (_, second) = merged(work, {"jobs/a.yaml": b"a"}), merged(work, {"jobs/b.yaml": b"b"})
    direct = work.commit({"c.txt": b"c"}, branch="main")
    mirror = Mirror(work.path, "http://unused.example", REPOSITORY, str)
    commits = mirror.merges_since(since, direct)
    assert [commit.sha for commit in commits] == [first, second, direct]
    assert commits[0].parents == (since, head)
    assert commits[2].parents == (second,)
    assert mirror.merges_since(direct, direct) == ()
    assert mirror.added(first, "jobs") == ("jobs/a.yaml",)
    assert mirror.added(direct, "jobs") == ()


def test_a_rewritten_main_stops_everything(work: Repository) -> None:
    known = work.commit({"a.txt": b"a"}, branch="main")
    rewritten = work.commit({"b.txt": b"b"}, parents=(f"{known}^",), branch="main")
    mirror = Mirror(work.path, "http://unused.example", REPOSITORY, str)
    with pytest.raises(HistoryRewritten, match="rewritten"):
        mirror.merges_since(known, rewritten)
    with pytest.raises(HistoryRewritten):
        mirror.guard("0" * 40, rewritten)
    mirror.guard(f"{known}^", rewritten)


def test_only_plain_files_are_read(work: Repository) -> None:
    work.commit({"plain": b"x", "link": Odd("120000", b"plain"), "folder/file": b"y"}, branch="main")
    mirror = Mirror(work.path, "http://unused.example", REPOSITORY, str)
    assert mirror.read("main", "plain") == b"x"
    assert mirror.read("main", "folder/file") == b"y"
    for path in ("link", "folder", "absent", "*"):
        assert mirror.read("main", path) is None
        assert mirror.blob("main", path) is None
    assert mirror.paths("main", "folder") == ("folder/file",)


def test_the_token_stands_in_no_argument_and_in_no_file(
    github: GitHub, token: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy, log = tmp_path / "bin" / "git", tmp_path / "arguments"
    spy.parent.mkdir()
    spy.write_text(f'#!/bin/sh\necho "$@" >> {log}\nexec {shutil.which("git")} "$@"\n')
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{spy.parent}:{os.environ['PATH']}")
    mirror = Mirror(tmp_path / "quiet.git", github.url, REPOSITORY, lambda: token)
    mirror.fetch()
    written = [log.read_bytes(), *(path.read_bytes() for path in mirror.path.rglob("*") if path.is_file())]
    basic = base64.b64encode(f"x-access-token:{token}".encode())
    assert b"fetch" in written[0]
    assert not [text for text in written if token.encode() in text or basic in text]


def test_a_refused_token_is_said_without_quoting_it(github: GitHub, tmp_path: Path) -> None:
    mirror = Mirror(tmp_path / "none.git", github.url, REPOSITORY, lambda: "ghs_wrong")
    with pytest.raises(MirrorUnavailable) as refused:
        mirror.fetch()
    assert "ghs_wrong" not in str(refused.value)


def test_a_github_that_is_down_is_waited_for(tmp_path: Path) -> None:
    mirror = Mirror(tmp_path / "none.git", "http://127.0.0.1:9", REPOSITORY, lambda: "token")
    with pytest.raises(MirrorUnavailable) as down:
        mirror.fetch()
    assert down.value.retryable


def test_nobodys_configuration_is_obeyed(
    github: GitHub, token: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = tmp_path / "home" / ".gitconfig"
    hostile.parent.mkdir()
    hostile.write_text('[url "http://127.0.0.1:9/"]\n\tinsteadOf = http://\n')
    monkeypatch.setenv("HOME", str(hostile.parent))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    mirror = Mirror(tmp_path / "own.git", github.url, REPOSITORY, lambda: token)
    mirror.fetch()
    assert mirror.tip("main")
