"""`lockgate gate` speaks to GitHub by annotations, to programs by JSON, and to both by its exit code."""

from __future__ import annotations

import json

import pytest

from lockgate.cli import main
from lockgate.formats import Problem, write_job_request
from lockgate.gate import annotation
from tests.gate.repository import Repository
from tests.gate.study import REQUEST, REQUEST_PATH

GOOD = write_job_request(REQUEST)


def words(study: Repository, head: str, *more: str) -> list[str]:
    branches = ["--base-ref", "main", "--default-branch", "main"]
    return ["gate", "--repo", str(study.path), "--base", "main", "--head", head, *branches, *more]


def test_a_clean_request_exits_0(study: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words(study, study.commit({REQUEST_PATH: GOOD}), "--author", "1001")) == 0
    assert capsys.readouterr().out == "Clean: this is a job request.\n"


def test_a_refused_request_exits_1_and_annotates_file_and_line(
    study: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    head = study.commit({REQUEST_PATH: GOOD.replace(b"  - north", b"  - west")})
    assert main(words(study, head, "--author", "1001")) == 1
    first, last = capsys.readouterr().out.splitlines()
    line = GOOD.decode().splitlines().index("  - north") + 1
    reason = "the node `west` is not in the base's governance.yaml"
    assert first == f"::error file={REQUEST_PATH},line={line},title=Gate::{reason}"
    assert last == "Refused: this is a job request with problems."


def test_json_tells_kind_request_nodes_and_problems(
    study: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    head = study.commit({REQUEST_PATH: GOOD})
    assert main(words(study, head, "--author", "1", "--json", "--node-account", "north=4002")) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["clean"], told["kind"], told["nodes"]) == (False, "job_request", ["north"])
    assert [problem["path"] for problem in told["problems"]] == [REQUEST_PATH]


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_missing_fact_exits_2_and_says_which(
    study: Repository, capsys: pytest.CaptureFixture[str], form: list[str]
) -> None:
    assert main(words(study, study.commit({REQUEST_PATH: GOOD}), *form)) == 2
    assert "--author" in capsys.readouterr().out


def test_a_wrong_argument_exits_2(study: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(words(study, "main", "--node-account", "north"))
    assert stopped.value.code == 2
    assert "NODE=ID" in capsys.readouterr().err


def test_an_annotation_cannot_be_broken_out_of() -> None:
    problem = Problem("a,b:c\n::warning::x%", 3, "one\n::set-output::two%")
    assert annotation(problem) == (
        "::error file=a%2Cb%3Ac%0A%3A%3Awarning%3A%3Ax%25,line=3,title=Gate::one%0A::set-output::two%25"
    )


def test_help_names_every_subcommand_without_importing_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    assert all(name in told for name in ("gate", "job-types", "protect", "new", "node"))
