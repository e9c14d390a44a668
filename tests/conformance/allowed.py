"""What GitHub does and its descriptions leave out: `allowed.txt`, at most 15 lines, each with its reason.

A line is `OPERATION | STATUS | WHERE | reason`; the first three are patterns with `*`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from tests.conformance.check import Violation

FILE = Path(__file__).with_name("allowed.txt")
MOST = 15


@dataclass(frozen=True)
class Allowance:
    operation: str
    status: str
    where: str
    reason: str

    def covers(self, violation: Violation) -> bool:
        pairs = zip(violation.key, (self.operation, self.status, self.where), strict=True)
        return all(fnmatchcase(value, pattern) for value, pattern in pairs)


@cache
def allowances() -> tuple[Allowance, ...]:
    lines = [line for line in FILE.read_text().splitlines() if line and not line.startswith("#")]
    found = tuple(Allowance(*(part.strip() for part in line.split("|", 3))) for line in lines)
    if len(found) > MOST or not all(each.reason for each in found):
        raise ValueError(f"{FILE.name} may hold {MOST} lines, each with its reason")
    return found


def allowance_for(violation: Violation) -> Allowance | None:
    """The first line that covers it."""
    return next((allowance for allowance in allowances() if allowance.covers(violation)), None)
