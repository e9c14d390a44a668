"""`lockgate verify-decisions DIR`: offline, from a checkout or from any clone, one line for each record."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from lockgate.cli import main
from lockgate.formats import DecisionRecord, write_decision_record
from lockgate.policy import record_of
from tests.policy.cases import request
from tests.policy.test_records import MERGED, record

GOOD = record(request())
NEXT = replace(
    record_of(replace(MERGED, pull_request=12), None), versions=replace(GOOD.versions, lockgate="0.2.0")
)
FORGED = replace(GOOD, votes=())
UNCOMPARED = "ok (approved; policy not compared)"
NEVER = "the governance.yaml that it names never was main's before the merge"
OTHERWISE = "the governance.yaml that it names says otherwise than its facts"
POLICY = """version: 1
researchers: [health/researchers]
controllers: [health/controllers]
nodes:
  north: {controllers: [health/north]}
  south: {controllers: [health/south]}
approvals:
  job_request: {quorum: 1, per_node: true}
  result_publication: {quorum: 2, per_node: true}
  withdrawal: {quorum: 1}
  code_change: {quorum: 1}
  policy_change: {quorum: 1, per_node: true}
disclosure: {min_count: 10, round_to: 5, max_rows: 5000, max_bytes: 16000000, media_types: [text/csv]}
service: {decide_within_days: 5}
"""
STRICTER = POLICY.replace("quorum: 1", "quorum: 2", 1)
OTHER_RULES = replace(GOOD, versions=replace(GOOD.versions, policy=9))


def checkout(folder: Path, *records: DecisionRecord, **files: str) -> Path:
    (folder / "decisions").mkdir(parents=True)
    for one in records:
        (folder / f"decisions/{one.pull_request}.json").write_bytes(write_decision_record(one))
    for name, text in files.items():
        (folder / f"decisions/{name}.json").write_text(text)
    return folder


def verify(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    return main(["verify-decisions", str(folder)]), capsys.readouterr().out


def test_records_that_follow_from_their_facts_are_ok(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = verify(checkout(tmp_path, NEXT, GOOD), capsys)
    assert said == (0, f"decisions/7.json: {UNCOMPARED}\ndecisions/12.json: ok (no decision was made)\n")


def test_one_that_differs_is_named_with_its_reason_and_wins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = verify(checkout(tmp_path, FORGED, NEXT, broken="{}"), capsys)
    assert code == 1
    assert "decisions/7.json: differs: what it says of votes does not follow from its facts\n" in said
    assert "decisions/12.json: ok (no decision was made)\n" in said


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("8", "{}", "lacks `version`"),
        ("8", "no json", "This is not JSON"),
        ("8", write_decision_record(GOOD).decode(), "must be the name of the file"),
        ("notes", "{}", "lacks `version`"),
    ],
)
def test_what_is_no_record_is_unreadable_and_cannot_be_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, reason: str
) -> None:
    code, said = verify(checkout(tmp_path, NEXT, **{name: text}), capsys)
    assert code == 2
    assert f"decisions/{name}.json: unreadable: " in said
    assert reason in said


def test_rules_of_another_version_cannot_be_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = verify(checkout(tmp_path, OTHER_RULES), capsys)
    assert (code, said.split(": ")[1]) == (2, "unreadable")
    assert "version 9 of the rules" in said


def test_a_link_to_a_file_elsewhere_is_not_followed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "elsewhere").write_bytes(write_decision_record(GOOD))
    folder = checkout(tmp_path / "clone")
    (folder / "decisions/7.json").symlink_to(tmp_path / "elsewhere")
    assert verify(folder, capsys) == (2, "decisions/7.json: unreadable: it is no plain file, or too large\n")


def test_where_there_are_no_records_nothing_can_be_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for empty in (tmp_path, tmp_path / "nowhere", checkout(tmp_path / "empty")):
        assert main(["verify-decisions", str(empty)]) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("how", [["--bare"], ["--no-checkout"], []])
def test_any_clone_that_has_the_branch_will_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], how: list[str]
) -> None:
    """Also one that has main checked out: the records are read as objects."""
    source = checkout(tmp_path / "source", GOOD, NEXT)
    _git(source, "init", "-q", "-b", "lockgate/decisions")
    _git(source, "add", ".")
    _git(source, "commit", "-q", "-m", "Records")
    _git(source, "checkout", "-q", "--orphan", "main")
    _git(source, "rm", "-q", "-r", "-f", ".")
    _git(source, "commit", "-q", "--allow-empty", "-m", "Begin")
    _git(tmp_path, "clone", "-q", *how, str(source), "clone")
    assert not (tmp_path / "clone/decisions").exists()
    code, said = verify(tmp_path / "clone", capsys)
    assert (code, said.count(": ok")) == (0, 2)


@pytest.mark.parametrize(
    ("before", "named", "ends"),
    [
        (POLICY, POLICY, (0, "ok (approved)")),
        (STRICTER, STRICTER, (1, f"differs: {OTHERWISE}")),
        (STRICTER, POLICY, (1, f"differs: {NEVER}")),
    ],
)
def test_the_policy_is_that_of_the_governance_yaml_which_stood_on_main(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], before: str, named: str, ends: tuple[int, str]
) -> None:
    """A clone that holds main tells of facts that made the policy milder than it was."""
    _git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "governance.yaml").write_text(before)
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "-q", "-m", "Begin")
    _git(tmp_path, "commit", "-q", "--allow-empty", "-m", "Merge")
    merge = _git(tmp_path, "rev-parse", "HEAD").stdout.decode().strip()
    (tmp_path / "policy").write_text(named)
    blob = _git(tmp_path, "hash-object", "-w", "policy").stdout.decode().strip()
    recorded = replace(GOOD, policy_blob=blob, merge=replace(GOOD.merge, commit=merge))
    checkout(tmp_path, recorded)
    assert verify(tmp_path, capsys) == (ends[0], f"decisions/7.json: {ends[1]}\n")


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    own = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    return subprocess.run(["git", "-C", str(folder), *own, *arguments], check=True, capture_output=True)
