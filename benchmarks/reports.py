"""One JSON line for each figure."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import datetime


def line(figure: str, **values: object) -> None:
    at = datetime.now().astimezone().isoformat(timespec="seconds")
    print(json.dumps({"figure": figure, "at": at, **values}), flush=True)


def percentile(values: Sequence[float], part: float) -> float:
    """The nearest rank."""
    return sorted(values)[math.ceil(part * len(values)) - 1]
