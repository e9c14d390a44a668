"""The gate reads a repository whose own settings are hostile, and says when it cannot read one."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import pytest

from lockgate.formats import write_job_request
from lockgate.gate import CannotTell, check
from tests.gate.conftest import Gate
from tests.gate.repository import Repository
from tests.gate.study import NODE_APP, PUBLISHED, REQUEST, REQUEST_PATH, WAITING, result_of

ASK = {REQUEST_PATH: write_job_request(REQUEST)}


def test_nothing_of_the_repositorys_settings_is_run(study: Repository, gate: Gate, tmp_path: Path) -> None:
    head = study.commit({**ASK, ".gitattributes": b"* diff=evil filter=evil\n"})
    mark = tmp_path / "mark"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {mark}\n")
    program.chmod(program.stat().st_mode | stat.S_IEXEC)
    (tmp_path / "more").write_text(f"[core]\n\tfsmonitor = {program}\n[core]\n\tsshCommand = {program}\n")
    (study.path / "config").write_text(
        f"[core]\n\trepositoryformatversion = 1\n\tbare = true\n\thooksPath = {tmp_path}\n"
        f"\talternateRefsCommand = {program}\n\tpager = {program}\n"
        f"[include]\n\tpath = {tmp_path}/more\n[diff]\n\texternal = {program}\n"
        f'[diff "evil"]\n\tcommand = {program}\n\ttextconv = {program}\n'
        f'[extensions]\n\tpartialClone = origin\n[remote "origin"]\n\turl = ssh://x/y\n\tpromisor = true\n'
    )
    assert not gate(head).clean
    with pytest.raises(CannotTell):
        gate("1" * 40)
    assert not mark.exists()


def test_a_replaced_object_is_seen_as_it_is(study: Repository, gate: Gate) -> None:
    good = study.commit(ASK)
    bad = study.commit({**ASK, "x.py": b"1\n"}, branch="bad")
    study.git("replace", bad, good)
    assert not gate(bad).clean


def test_a_shallow_history_cannot_tell(study: Repository, gate: Gate, tmp_path: Path) -> None:
    study.commit(ASK)
    shallow = tmp_path / "shallow.git"
    study.git(
        "clone", "-q", "--bare", "--depth", "1", "--no-single-branch", f"file://{study.path}", str(shallow)
    )
    shutil.rmtree(study.path)
    shutil.copytree(shallow, study.path)
    with pytest.raises(CannotTell, match="whole history"):
        gate("head")


def test_a_work_tree_and_a_linked_one_are_read_like_a_bare_repository(
    study: Repository, tmp_path: Path
) -> None:
    head = study.commit(ASK)
    work, linked = tmp_path / "work", tmp_path / "linked"
    study.git("clone", "-q", str(study.path), str(work))
    Repository(work).git("worktree", "add", "-q", "--detach", str(linked), "origin/main")
    for folder in (work, linked):
        verdict = check(
            folder,
            base="HEAD",
            head=head,
            base_ref="main",
            default_branch="main",
            author=REQUEST.requested_by.id,
            node_accounts={},
        )
        assert verdict.clean


@pytest.mark.parametrize(
    ("missing", "head_is"),
    [("base_ref", "request"), ("default_branch", "request"), ("author", "request"), ("author", "result")],
)
def test_a_rule_whose_fact_was_not_given_cannot_tell(
    study: Repository, gate: Gate, missing: str, head_is: str
) -> None:
    head = study.commit(ASK if head_is == "request" else result_of(WAITING))
    with pytest.raises(CannotTell) as told:
        gate(head, **{missing: None})
    assert told.value.next_step
    assert not told.value.retryable


def test_a_result_of_a_node_whose_account_was_not_given_cannot_tell(study: Repository, gate: Gate) -> None:
    with pytest.raises(CannotTell, match="--node-account north=ID"):
        gate(study.commit(result_of(WAITING)), author=NODE_APP, node_accounts={"south": 1})


def test_facts_that_no_rule_needs_may_be_missing(study: Repository, gate: Gate) -> None:
    withdrawal = study.commit(dict.fromkeys(result_of(PUBLISHED)))
    assert gate(withdrawal, author=None, node_accounts={}).clean
    assert gate(study.commit({"x.py": b"1\n"}), author=None, node_accounts={}).clean


@pytest.mark.parametrize("revision", ["no-such-branch", "--help", "", "main:README.md"])
def test_a_revision_that_is_no_commit_cannot_tell(gate: Gate, revision: str) -> None:
    with pytest.raises(CannotTell):
        gate(revision)


def test_a_tree_that_git_itself_cannot_read_cannot_tell(study: Repository, gate: Gate) -> None:
    tree = study.tree([*study.root_entries(), ("100644", b"", study.blob(b"x"))])
    with pytest.raises(CannotTell):
        gate(study.commit_tree(tree, study.tip()))


def test_a_folder_that_is_no_repository_cannot_tell(tmp_path: Path) -> None:
    with pytest.raises(CannotTell, match="no Git repository"):
        check(tmp_path, base="a", head="b", base_ref="m", default_branch="m", author=1, node_accounts={})
