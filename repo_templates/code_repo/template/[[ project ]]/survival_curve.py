"""Job type: survival after acceptance, as a picture and as the counts that it is drawn from."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pandas as pd
from lockgate.dagster import Output, Outputs, Parameters, job_type, parameter

from .disclosure import percent, protect, rounded
from .patients import age_bands, patients

Split = Literal["none", "age", "prior_surgery"]

SIZE_IN_INCHES = (8, 5)
DOTS_PER_INCH = 150


class SurvivalCurve(Parameters):
    split_by: Split = parameter(
        "Split by",
        "Draw one curve for all patients, or one for each group.",
        default="none",
        examples=("age",),
        widget="radio",
        group="Curves",
    )
    split_age: int = parameter(
        "Split at age",
        "Used when splitting by age: under this age, and from this age on.",
        default=48,
        examples=(48,),
        unit="years",
        group="Curves",
        at_least=20,
        at_most=70,
    )
    horizon: int = parameter(
        "Horizon",
        "Follow patients for this long after acceptance.",
        default=720,
        examples=(720,),
        unit="days",
        group="Time",
        at_least=90,
        at_most=1800,
    )
    step: int = parameter(
        "Step",
        "Distance between two points of the curve; longer steps tell less of a single patient.",
        default=60,
        examples=(60,),
        unit="days",
        group="Time",
        at_least=30,
        at_most=180,
    )
    mark_points: bool = parameter(
        "Mark points",
        "Draw a dot at each point of the curve.",
        default=True,
        examples=(True,),
        group="Curves",
    )


@job_type(
    title="Survival curve",
    description="Kaplan-Meier survival after acceptance for a heart transplant. The picture is drawn "
    "from the counts beside it: 1 to 9 are left out, the rest are rounded to 5.",
    outputs=(
        Output("survival.png", "image/png", "The curves, at the points of survival_counts.csv."),
        Output("survival_counts.csv", "text/csv", "Per group and day: at risk, died, percent surviving."),
    ),
)
def survival_curve(parameters: SurvivalCurve, outputs: Outputs) -> None:
    people = patients()
    people = people.assign(group=groups(people, parameters.split_by, parameters.split_age))
    days = range(0, parameters.horizon + 1, parameters.step)
    points = pd.concat([curve(group, members, days) for group, members in each_group(people)])
    points.to_csv(outputs.file("survival_counts.csv"), index=False)
    draw(points, outputs.file("survival.png"), mark_points=parameters.mark_points)


def groups(people: pd.DataFrame, by: Split, age: int) -> pd.Series:
    """Return the group of each patient, in words."""
    if by == "age":
        return age_bands(people["age"], [age]).astype(str)
    if by == "prior_surgery":
        return people["prior_surgery"].map({True: "prior surgery", False: "no prior surgery"})
    return pd.Series("all patients", index=people.index)


def each_group(people: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the groups by name."""
    for group, members in people.groupby("group"):
        yield str(group), members


def curve(group: str, members: pd.DataFrame, days: range) -> pd.DataFrame:
    """Return protected counts for each day; the curve ends where fewer than 10 are at risk."""
    from lifelines import KaplanMeierFitter

    surviving = KaplanMeierFitter().fit(members["days"], members["died"]).predict(list(days))
    rows = []
    for day in days:
        at_risk = protect(int((members["days"] >= day).sum()))
        if not at_risk:
            break
        died = protect(int((members["died"] & (members["days"] <= day)).sum()))
        left = None if died is None else rounded(surviving[day] * len(members))
        rows.append((group, day, at_risk, died, percent(left, rounded(len(members)))))
    table = pd.DataFrame(rows, columns=["group", "day", "at_risk", "died", "surviving_percent"])
    return table.astype({"at_risk": "Int64", "died": "Int64", "surviving_percent": "Int64"})


def draw(points: pd.DataFrame, path: Path, *, mark_points: bool) -> None:
    """Draw the curves of `points` to `path`, as PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE_IN_INCHES, dpi=DOTS_PER_INCH, layout="constrained")
    axes = figure.subplots()
    for group, told in points.dropna().groupby("group", sort=False):
        marker = "o" if mark_points else None
        axes.step(told["day"], told["surviving_percent"], where="post", marker=marker, label=group)
    axes.set(xlabel="Days since acceptance", ylabel="Surviving (%)", ylim=(0, 105))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(path, format="png")
