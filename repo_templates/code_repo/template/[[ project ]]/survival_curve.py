"""Job type: survival after the transplant, as a picture and as the counts that it is drawn from."""

from pathlib import Path
from typing import Literal

import pandas as pd
from lockgate.dagster import Output, Outputs, Parameters, job_type, parameter

from .disclosure import percent, protect, rounded
from .patients import age_bands, patients

Split = Literal["none", "age"]

SIZE_IN_INCHES = (8, 5)
DOTS_PER_INCH = 150


class SurvivalCurve(Parameters):
    split_by: Split = parameter(
        "Split by",
        "Draw one curve for everyone, or one for the younger and one for the older patients.",
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
    mark_points: bool = parameter(
        "Mark points",
        "Draw a dot at each point of the curve.",
        default=True,
        examples=(True,),
        group="Curves",
    )
    horizon: int = parameter(
        "Horizon",
        "Follow patients for this long after the transplant.",
        default=720,
        examples=(720,),
        unit="days",
        group="Time",
        at_least=90,
        at_most=1800,
    )
    step: int = parameter(
        "Step",
        "Time between two points of the curve; a longer step tells less of any one patient.",
        default=90,
        examples=(90,),
        unit="days",
        group="Time",
        at_least=30,
        at_most=180,
    )


@job_type(
    title="Survival curve",
    description="Kaplan-Meier survival after a heart transplant. The picture is drawn from the counts "
    "beside it: 1 to 9 are left out, the rest are rounded to 5.",
    outputs=(
        Output("survival.png", "image/png", "The curves, at the points of survival_counts.csv."),
        Output("survival_counts.csv", "text/csv", "For each group and day: at risk, died, surviving."),
    ),
)
def survival_curve(parameters: SurvivalCurve, outputs: Outputs) -> None:
    people = patients()
    people = people.assign(group=groups(people, parameters.split_by, parameters.split_age))
    days = range(0, parameters.horizon + 1, parameters.step)
    curves = [curve(str(group), members, days) for group, members in people.groupby("group")]
    points = pd.concat(curves, ignore_index=True)
    points.to_csv(outputs.file("survival_counts.csv"), index=False)
    draw(points, outputs.file("survival.png"), mark_points=parameters.mark_points)


def groups(people: pd.DataFrame, by: Split, age: int) -> pd.Series:
    """Return the group of each patient, in words."""
    if by == "age":
        return age_bands(people["age"], [age]).astype(str)
    return pd.Series("everyone", index=people.index)


def curve(group: str, members: pd.DataFrame, days: range) -> pd.DataFrame:
    """Return protected counts for each day; the curve ends where fewer than 10 are at risk."""
    rows = []
    for day, share in surviving(members, days).items():
        at_risk = protect(int((members["days"] >= day).sum()))
        if not at_risk:
            break
        died = protect(int((members["died"] & (members["days"] <= day)).sum()))
        left = None if died is None else rounded(share * len(members))
        rows.append((group, day, at_risk, died, percent(left, rounded(len(members)))))
    table = pd.DataFrame(rows, columns=["group", "day", "at_risk", "died", "surviving_percent"])
    return table.astype({"at_risk": "Int64", "died": "Int64", "surviving_percent": "Int64"})


def surviving(members: pd.DataFrame, days: range) -> pd.Series:
    """Return the Kaplan-Meier estimate of the share still alive on each of `days`."""
    from statsmodels.duration.survfunc import SurvfuncRight

    estimate = SurvfuncRight(members["days"], members["died"])
    steps = pd.Series(estimate.surv_prob, index=estimate.surv_times)
    return steps.reindex(days, method="ffill").fillna(1.0)


def draw(points: pd.DataFrame, path: Path, *, mark_points: bool) -> None:
    """Draw the curves of `points` to `path`, as PNG; a point that may not be told is not drawn."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE_IN_INCHES, dpi=DOTS_PER_INCH, layout="constrained")
    axes = figure.subplots()
    for group, told in points.dropna().groupby("group"):
        marker = "o" if mark_points else None
        axes.step(told["day"], told["surviving_percent"], where="post", marker=marker, label=group)
    axes.set(xlabel="Days after the transplant", ylabel="Surviving (%)", xlim=0, ylim=(0, 105))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(path, format="png")
