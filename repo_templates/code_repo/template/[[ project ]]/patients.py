"""The patients: 69 people who were given a new heart at Stanford from 1968 to 1974.

The data are public and come with the package statsmodels: R. Miller, "Least squares regression with
censored data", Biometrika 63 (1976), 449-464. On a node with data of its own, this is the one module
to write anew.
"""

from itertools import pairwise

import pandas as pd


def patients() -> pd.DataFrame:
    """Return one row per patient.

    Columns: `age` (years at the transplant), `days` (followed up after it), `died` (bool, at the end of
    those days; else nothing is known of the patient after them).
    """
    from statsmodels.datasets import heart

    source = heart.load_pandas().data
    return pd.DataFrame(
        {
            "age": source["age"],
            "days": source["survival"].astype(int),
            "died": source["censors"].astype(bool),  # in the source, 1 is a death and 0 is censored
        }
    )


def age_bands(ages: pd.Series, lower_limits: list[int]) -> pd.Series:
    """Return the age band of each patient, as `under 40`, `40 to 49`, `50 and over`."""
    limits = sorted(set(lower_limits))
    labels = [
        f"under {limits[0]}",
        *(f"{low} to {high - 1}" for low, high in pairwise(limits)),
        f"{limits[-1]} and over",
    ]
    return pd.cut(ages, [-float("inf"), *limits, float("inf")], right=False, labels=labels)
