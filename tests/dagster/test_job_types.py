"""A job type is declared once: the schema, the check before a launch and the run follow from it."""

import json
from pathlib import Path
from typing import Any

import pytest
from dagster import DagsterInvalidConfigError, DefaultSensorStatus, Definitions

from lockgate.dagster import (
    JobType,
    Output,
    OutputError,
    Outputs,
    Parameters,
    ParametersRefused,
    build_sensor,
    job_type,
)
from lockgate.errors import Unavailable
from lockgate.formats import check_parameters, read_job_type
from tests.dagster.jobs import FOLDER, TABLE, survival


def test_dagster_can_load_every_job_type_of_a_code_location_with_its_sensor() -> None:
    another = job_that(everything)
    jobs = [survival.job, another.job]
    definitions = Definitions(jobs=jobs, sensors=[build_sensor((survival, another))])
    Definitions.validate_loadable(definitions)
    sensor = definitions.resolve_sensor_def("approved_requests")
    assert sensor.default_status is DefaultSensorStatus.RUNNING
    assert {target.job_name for target in sensor.targets} == {"survival", "odd"}


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LOCKGATE_SCRATCH_DIR", str(tmp_path))
    return tmp_path


def run(asked: JobType, **parameters: Any) -> str:
    return asked.job.execute_in_process(run_config=asked.run_config(parameters)).run_id


def test_the_document_is_a_job_type_that_the_gate_and_the_form_can_read() -> None:
    read = read_job_type(json.dumps(survival.document()).encode(), "job_types/survival.json")
    assert read.title == "Survival"
    assert [output.name for output in read.outputs] == ["counts.csv", "tables"]
    assert check_parameters(read, {"start": "1967-01-01", "also": ["plot"], "ages": [40, 50]}) == ()
    refused = {"start": "yesterday", "bins": 1, "by": "place", "ages": [], "also": ["film"], "other": 1}
    assert {problem.name for problem in check_parameters(read, refused)} == set(refused)


def test_the_document_says_what_the_form_shows() -> None:
    properties = survival.document()["properties"]
    assert properties["start"] == {
        "title": "From",
        "description": "First day.",
        "examples": ["1967-01-01"],
        "type": "string",
        "format": "date",
        "x-widget": "date",
        "x-group": "Time",
    }
    assert properties["bins"] == {
        "title": "Bins",
        "description": "How many groups.",
        "type": "integer",
        "default": 5,
        "minimum": 2,
        "maximum": 20,
        "x-unit": "groups",
    }
    assert survival.document()["required"] == ["start"]


def test_a_run_gets_typed_parameters_and_is_marked_complete(scratch: Path) -> None:
    folder = scratch / run(survival, start="1967-10-01", by="sex", note="as agreed")
    assert (folder / "counts.csv").read_text() == "year,by\n1967,sex\n"
    assert (folder / "tables" / "note.txt").read_text() == "as agreed"
    assert (folder / ".complete").is_file()


def test_parameters_that_the_loaded_code_refuses_are_named_but_not_quoted() -> None:
    with pytest.raises(ParametersRefused, match=r"bins, start") as refused:
        survival.run_config({"start": "a secret word", "bins": 99})
    assert "secret" not in str(refused.value)


def test_a_parameter_cannot_read_an_environment_variable(
    scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "of the node")
    sneaky = {"start": "1967-10-01", "note": {"env": "SECRET"}}
    with pytest.raises(ParametersRefused):
        survival.run_config(sneaky)
    with pytest.raises(Exception, match="note"):
        survival.job.execute_in_process(run_config={"ops": {survival.op: {"config": sneaky}}})
    assert not list(scratch.rglob("note.txt"))


def test_dagster_refuses_a_name_that_is_no_parameter() -> None:
    with pytest.raises(DagsterInvalidConfigError):
        survival.job.execute_in_process(
            run_config={"ops": {survival.op: {"config": {"start": "1967-10-01", "other": 1}}}}
        )


class Little(Parameters):
    note: str = ""


def job_that(write: Any) -> JobType:
    @job_type(title="Odd", description="Does something odd.", outputs=(TABLE, FOLDER))
    def odd(parameters: Little, outputs: Outputs) -> None:
        write(outputs)

    return odd


def everything(outputs: Outputs) -> Path:
    path = outputs.file("counts.csv")
    path.write_text("a\n1\n")
    outputs.directory("tables")
    return path


def too_little(outputs: Outputs) -> None:
    outputs.file("counts.csv").write_text("a\n1\n")


def too_much(outputs: Outputs) -> None:
    everything(outputs).with_name("extra.csv").write_text("a\n1\n")


def undeclared(outputs: Outputs) -> None:
    outputs.file("extra.csv")


def as_the_other_kind(outputs: Outputs) -> None:
    outputs.file("tables")


def a_link(outputs: Outputs) -> None:
    path = everything(outputs)
    path.unlink()
    path.symlink_to("/etc/hostname")


@pytest.mark.parametrize("write", [too_little, too_much, undeclared, as_the_other_kind, a_link])
def test_a_run_that_writes_otherwise_than_declared_is_never_complete(scratch: Path, write: Any) -> None:
    with pytest.raises(OutputError, match=r"\w+"):
        run(job_that(write))
    assert not list(scratch.rglob(".complete"))


def test_a_run_that_dies_is_not_complete(scratch: Path) -> None:
    def die(outputs: Outputs) -> None:
        everything(outputs)
        raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError):
        run(job_that(die))
    assert list(scratch.rglob("counts.csv"))
    assert not list(scratch.rglob(".complete"))


def test_a_second_attempt_of_the_same_run_begins_empty(scratch: Path) -> None:
    everything(Outputs.of_run("a-run", (TABLE, FOLDER)))
    second = Outputs.of_run("a-run", (TABLE,))
    assert not list((scratch / "a-run").iterdir())
    second.file("counts.csv").write_text("a\n2\n")
    second.complete()
    assert (scratch / "a-run" / ".complete").is_file()


def test_without_scratch_the_run_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOCKGATE_SCRATCH_DIR", raising=False)
    with pytest.raises(Unavailable, match="LOCKGATE_SCRATCH_DIR"):
        Outputs.of_run("a-run", (Output("counts.csv", "text/csv", "Counts."),))
