"""What is wrong with a file, said in plain words with its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from lockgate.errors import Invalid

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"


@dataclass(frozen=True, order=True)
class Problem:
    """One reason why a file is refused.

    `path` is the file, `line` counts from 1 and is None where no line can be named,
    `reason` is one sentence that quotes nothing of an output.
    """

    path: str
    line: int | None
    reason: str


class FormatError(Invalid):
    """A file is not of its format; `problems` lists every reason that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        where = first.path if first.line is None else f"{first.path}, line {first.line}"
        more = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        super().__init__(f"{where}: {first.reason}{more}.", next_step="Correct the file and send it again.")
