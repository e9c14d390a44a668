"""A job type as a Code Repo declares it: the one that the study of `tests.gate.study` asks for."""

from datetime import date
from typing import Literal

from lockgate.dagster import Output, Outputs, Parameters, job_type, parameter

TABLE = Output("counts.csv", "text/csv", "Counts by group.")
FOLDER = Output("tables", "text/csv", "One table for each year.", kind="directory")


class Survival(Parameters):
    start: date = parameter("From", "First day.", examples=("1967-01-01",), widget="date", group="Time")
    by: Literal["age", "sex"] = parameter("By", "The groups.", default="age")
    bins: int = parameter("Bins", "How many groups.", default=5, unit="groups", at_least=2, at_most=20)
    ages: list[int] = parameter("Ages", "Lower limits.", default=[40], min_items=1, max_items=3)
    also: list[Literal["table", "plot"]] = parameter("Also", "What else to make.", default=["table"])
    share: float = parameter("Share", "A share.", default=0.5, at_least=0, at_most=1)
    strict: bool = parameter("Strict", "Leave out who is unsure.", default=False)
    note: str = parameter("Note", "A remark.", default="")


@job_type(title="Survival", description="Survival by group.", outputs=(TABLE, FOLDER))
def survival(parameters: Survival, outputs: Outputs) -> None:
    outputs.file("counts.csv").write_text(f"year,by\n{parameters.start.year},{parameters.by}\n")
    (outputs.directory("tables") / "note.txt").write_text(parameters.note)
