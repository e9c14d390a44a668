"""`lockgate job-types` holds job_types/*.json and the jobs' config classes in step."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lockgate.cli import main
from lockgate.formats import check_parameters, read_job_type

CODE = """
from typing import Literal

from dagster import Definitions

from lockgate.dagster import Output, Outputs, Parameters, job_type, parameter


class Survival(Parameters):
    start: str = parameter("From", "The first day.")
    by: Literal["age", "sex"] = parameter("By", "What makes the groups.", default="age")
    bins: int = parameter("Bins", "How many groups.", default=5, at_least=2, at_most=20, unit="groups")


@job_type(
    title="Survival",
    description="Survival after transplantation.",
    outputs=(Output("counts.csv", "text/csv", "The counts."),),
)
def survival(parameters: Survival, outputs: Outputs) -> None:
    outputs.file("counts.csv").write_text("n")


JOB_TYPES = (survival,)
definitions = Definitions(jobs=[survival.job])
"""


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A Code Repo's folder, whose package was never imported before."""
    (tmp_path / "tiny_study").mkdir()
    (tmp_path / "tiny_study/definitions.py").write_text(CODE)
    (tmp_path / "pyproject.toml").write_text('[tool.dagster]\nmodule_name = "tiny_study.definitions"\n')
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    for name in [name for name in sys.modules if name.split(".")[0] == "tiny_study"]:
        del sys.modules[name]


@pytest.fixture
def written(study: Path) -> Path:
    """The file of the only job type, as the command wrote it."""
    assert main(["job-types"]) == 0
    return study / "job_types/survival.json"


def edit(path: Path, **properties: object) -> None:
    document = json.loads(path.read_text())
    document["properties"].update(properties)
    path.write_text(json.dumps(document))


def test_what_is_written_is_a_job_type_that_form_and_gate_read(written: Path) -> None:
    job_type = read_job_type(written.read_bytes(), "job_types/survival.json")
    assert [output.name for output in job_type.outputs] == ["counts.csv"]
    assert check_parameters(job_type, {"start": "2026-01-01", "bins": 3}) == ()
    assert {problem.name for problem in check_parameters(job_type, {"bins": 1, "by": "x"})} == {
        "start",
        "bins",
        "by",
    }


def test_what_was_written_is_in_step(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["job-types", "--check", "--module", "tiny_study.definitions"]) == 0
    assert "In step: survival." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("bins", "difference"),
    [
        ({"type": "number", "default": 5}, '`properties.bins.type` is "number", but "integer"'),
        ({"type": "integer", "default": 6}, "`properties.bins.default` is 6, but 5 in the config class"),
        ({"type": "integer"}, "`properties.bins.default` is missing; the config class has 5"),
        ({"type": "integer", "maximum": 99}, "`properties.bins.maximum` is 99, but 20"),
    ],
)
def test_a_field_that_differs_is_named_with_both_sides(
    written: Path, capsys: pytest.CaptureFixture[str], bins: object, difference: str
) -> None:
    edit(written, bins=bins)
    assert main(["job-types", "--check"]) == 1
    assert f"job_types/survival.json: {difference}" in capsys.readouterr().out


def test_fields_required_outputs_and_files_that_differ_are_named(
    written: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(written.read_text())
    del document["properties"]["by"]
    document["properties"]["extra"] = {"type": "string"}
    document.update({"required": [], "x-outputs": []})
    written.write_text(json.dumps(document))
    (written.parent / "other.json").write_text("{}")
    assert main(["job-types", "--check"]) == 1
    told = capsys.readouterr().out
    for words in (
        "`properties.by` is missing",
        "`properties.extra` is not in the config class",
        '`required` is [], but ["start"]',
        "`x-outputs` is []",
        "other.json: no job of this name can be requested",
    ):
        assert words in told


def test_a_missing_file_and_an_unreadable_one_are_named(
    written: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written.write_bytes(b'{"a": 1, "a": 2}')
    assert main(["job-types", "--check"]) == 1
    written.unlink()
    assert main(["job-types", "--check"]) == 1
    told = capsys.readouterr().out
    assert "the same key stands here twice" in told
    assert "survival.json: is missing; run lockgate job-types" in told


def test_a_class_that_no_form_could_show_is_refused_and_nothing_is_written(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = CODE.replace("bins: int", "lambda_: int").replace("by: Literal", "print: Literal")
    (study / "tiny_study/definitions.py").write_text(code.replace("start: str", "start: dict[str, int]"))
    assert main(["job-types"]) == 1
    assert "`properties.start" in capsys.readouterr().out
    assert not (study / "job_types").exists()


def test_a_module_that_is_not_there_says_what_to_do(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["job-types", "--check", "--module", "no_such_module"]) == 1
    (study / "pyproject.toml").unlink()
    assert main(["job-types", "--check"]) == 1
    told = capsys.readouterr().err
    assert "no_such_module cannot be imported" in told
    assert "Give --module" in told
