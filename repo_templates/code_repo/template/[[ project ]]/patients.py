"""The patients of the Stanford heart transplant programme, 1967 to 1974.

The data are public and come with the package lifelines: J. Crowley and M. Hu, "Covariance analysis
of heart transplant survival data", Journal of the American Statistical Association 72 (1977), 27-36.
On a node with data of its own, this is the one module to write anew.
"""

from datetime import date
from itertools import pairwise

import pandas as pd

FIRST_DAY = date(1967, 10, 1)
LAST_DAY = date(1974, 4, 30)

# The source gives ages as the difference from 48, and the day of acceptance in years from this day.
_AGE_OFFSET = 48
_DAY_ZERO = pd.Timestamp("1967-11-01")
_DAYS_PER_YEAR = 365.25


def patients() -> pd.DataFrame:
    """Return one row per patient.

    Columns: `accepted` (day of acceptance), `age` (years at acceptance), `prior_surgery` and
    `transplanted` (bool), `days` (followed up, from acceptance), `died` (bool, within those days).
    """
    from lifelines.datasets import load_stanford_heart_transplants

    # A patient's time is cut in two rows at the transplant; here the two are one again.
    spells = load_stanford_heart_transplants().groupby("id")
    first, last = spells.first(), spells.last()
    since_day_zero = pd.to_timedelta(first["year"] * _DAYS_PER_YEAR, unit="D")
    return pd.DataFrame(
        {
            "accepted": (_DAY_ZERO + since_day_zero).dt.round("D"),
            "age": first["age"] + _AGE_OFFSET,
            "prior_surgery": first["surgery"].astype(bool),
            "transplanted": spells["transplant"].max().astype(bool),
            "days": last["stop"].astype(int),
            "died": last["event"].astype(bool),
        }
    )


def accepted_between(people: pd.DataFrame, start: date, end: date) -> pd.DataFrame:
    """Return the patients accepted from `start` to `end`, both days included."""
    return people[people["accepted"].between(pd.Timestamp(start), pd.Timestamp(end))]


def age_bands(ages: pd.Series, lower_limits: list[int]) -> pd.Series:
    """Return the age band of each patient, as `under 40`, `40 to 49`, `50 and over`."""
    limits = sorted(set(lower_limits))
    labels = [
        f"under {limits[0]}",
        *(f"{low} to {high - 1}" for low, high in pairwise(limits)),
        f"{limits[-1]} and over",
    ]
    return pd.cut(ages, [-float("inf"), *limits, float("inf")], right=False, labels=labels)
