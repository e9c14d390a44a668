"""Job type: how many patients had died, and how many lived, some time after the transplant, as a table."""

from typing import Literal

import pandas as pd
from lockgate.dagster import Output, Outputs, Parameters, job_type, parameter

from .disclosure import percent, protect
from .patients import age_bands, patients

Group = Literal["age_band", "everyone"]


class OutcomesByGroup(Parameters):
    group_by: Group = parameter(
        "Group by",
        "What makes the rows of the table: bands of age, or one row for everyone.",
        default="age_band",
        examples=("age_band",),
        widget="radio",
        group="Patients",
    )
    age_limits: list[int] = parameter(
        "Lower limits of the age bands",
        "Used when grouping by age: 40 and 50 give under 40, 40 to 49, and 50 and over.",
        default=[40, 50],
        examples=([40, 50],),
        unit="years",
        group="Patients",
        min_items=1,
        max_items=8,
    )
    minimum_age: int = parameter(
        "Minimum age",
        "Leave out patients who were younger at the transplant.",
        default=0,
        examples=(18,),
        unit="years",
        group="Patients",
        at_least=0,
        at_most=100,
    )
    within: int = parameter(
        "Within",
        "Count deaths up to this long after the transplant.",
        default=365,
        examples=(365,),
        unit="days",
        group="Outcome",
        at_least=30,
        at_most=1800,
    )
    percentages: bool = parameter(
        "Percentages",
        "Add the share of patients who died, made from the rounded counts.",
        default=True,
        examples=(True,),
        group="Outcome",
    )


@job_type(
    title="Outcomes by group",
    description="How many patients died, and how many are known to have lived, within a time after a "
    "heart transplant. Counts of 1 to 9 are left empty, the rest are rounded to 5.",
    outputs=(Output("outcomes.csv", "text/csv", "One row per group: patients, died, lived, percentage."),),
)
def outcomes_by_group(parameters: OutcomesByGroup, outputs: Outputs) -> None:
    people = patients()
    people = people[people["age"] >= parameters.minimum_age]
    people = people.assign(group=groups(people, parameters.group_by, parameters.age_limits))
    table = tabulate(people, parameters.within)
    if not parameters.percentages:
        table = table.drop(columns="died_percent")
    table.to_csv(outputs.file("outcomes.csv"), index=False)


def groups(people: pd.DataFrame, by: Group, age_limits: list[int]) -> pd.Series:
    """Return the group of each patient, in words."""
    if by == "age_band":
        return age_bands(people["age"], age_limits)
    return pd.Series("everyone", index=people.index)


def tabulate(people: pd.DataFrame, within: int) -> pd.DataFrame:
    """Return protected counts for each `group`, `within` days; an empty cell may not be told."""
    rows = []
    for group, members in people.groupby("group", observed=False):
        everyone = protect(len(members))
        died = protect(int((members["died"] & (members["days"] <= within)).sum()))
        lived = protect(int((members["days"] > within).sum()))
        rows.append((group, everyone, died, lived, percent(died, everyone)))
    table = pd.DataFrame(rows, columns=["group", "patients", "died", "lived", "died_percent"])
    return table.astype({name: "Int64" for name in table.columns[1:]})
