"""Job type: how many patients were accepted and how many of them died, as a table."""

from datetime import date
from typing import Literal

import pandas as pd
from lockgate.dagster import Output, Outputs, Parameters, job_type, parameter

from .disclosure import percent, protect
from .patients import FIRST_DAY, LAST_DAY, accepted_between, age_bands, patients

Group = Literal["age_band", "prior_surgery", "transplanted"]


class OutcomesByGroup(Parameters):
    accepted_from: date = parameter(
        "Accepted from",
        "First day of acceptance into the programme.",
        default=FIRST_DAY,
        examples=("1969-01-01",),
        widget="date",
        group="Patients",
    )
    accepted_until: date = parameter(
        "Accepted until",
        "Last day of acceptance, included.",
        default=LAST_DAY,
        examples=("1972-12-31",),
        widget="date",
        group="Patients",
    )
    minimum_age: int = parameter(
        "Minimum age",
        "Youngest age at acceptance.",
        default=0,
        examples=(18,),
        unit="years",
        group="Patients",
        at_least=0,
        at_most=100,
    )
    group_by: Group = parameter(
        "Group by",
        "The characteristic that makes the rows of the table.",
        default="age_band",
        examples=("prior_surgery",),
        widget="radio",
        group="Table",
    )
    age_limits: list[int] = parameter(
        "Lower limits of the age bands",
        "Used when grouping by age: 40 and 50 give under 40, 40 to 49, and 50 and over.",
        default=[40, 50],
        examples=([40, 50],),
        unit="years",
        group="Table",
        min_items=1,
        max_items=8,
    )
    percentages: bool = parameter(
        "Percentages",
        "Add the share of patients who died, made from the rounded counts.",
        default=True,
        examples=(True,),
        group="Table",
    )


@job_type(
    title="Outcomes by group",
    description="Patients accepted for a heart transplant and how many of them died, by age, prior "
    "surgery or transplant. Counts of 1 to 9 are left empty, the rest are rounded to 5.",
    outputs=(Output("outcomes.csv", "text/csv", "One row per group: patients, died, and percentages."),),
)
def outcomes_by_group(parameters: OutcomesByGroup, outputs: Outputs) -> None:
    chosen = accepted_between(patients(), parameters.accepted_from, parameters.accepted_until)
    chosen = chosen[chosen["age"] >= parameters.minimum_age]
    group = groups(chosen, parameters.group_by, parameters.age_limits)
    table = tabulate(chosen.assign(group=group))
    if not parameters.percentages:
        table = table.drop(columns="died_percent")
    table.to_csv(outputs.file("outcomes.csv"), index=False)


def groups(people: pd.DataFrame, by: Group, age_limits: list[int]) -> pd.Series:
    """Return the group of each patient, in words."""
    if by == "age_band":
        return age_bands(people["age"], age_limits)
    words = by.replace("_", " ")
    return people[by].map({True: words, False: f"not {words}"})


def tabulate(people: pd.DataFrame) -> pd.DataFrame:
    """Return one row per `group` with protected counts; an empty cell may not be told."""
    rows = []
    for group, members in people.groupby("group", observed=False):
        accepted, died = protect(len(members)), protect(int(members["died"].sum()))
        rows.append((group, accepted, died, percent(died, accepted)))
    table = pd.DataFrame(rows, columns=["group", "patients", "died", "died_percent"])
    return table.astype({"patients": "Int64", "died": "Int64", "died_percent": "Int64"})
