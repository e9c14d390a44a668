"""Statistical disclosure control: what is done to every count before it is written.

The limits are those of governance.yaml. The percentages and curves of this project are made from
counts that went through here, so they tell no more than the counts do.
"""

MIN_COUNT = 10
ROUND_TO = 5


def protect(count: int) -> int | None:
    """Return `count` rounded to 5, or None where it is from 1 to 9 and must not be told."""
    if 0 < count < MIN_COUNT:
        return None
    return rounded(count)


def rounded(number: float) -> int:
    """Return the nearest multiple of 5, halves going up."""
    return int((number + ROUND_TO / 2) // ROUND_TO) * ROUND_TO


def percent(part: int | None, whole: int | None) -> int | None:
    """Return a percentage of two protected counts, or None where either may not be told."""
    if part is None or not whole:
        return None
    return round(100 * part / whole)
