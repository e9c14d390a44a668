"""What a row of the tables of hostile changes is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from lockgate.gate import Verdict
from tests.gate.repository import Files, Repository


@dataclass(frozen=True)
class Hostile:
    """A change that is refused: what it is, what it does, and the file, line and words it is refused with.

    `does` is the files of one commit, or a function that makes a branch and returns its tip.
    """

    what: str
    does: Files | Callable[[Repository], str]
    path: str
    reason: str
    line: int | None = None
    author: int | None = None

    def head(self, study: Repository) -> str:
        """Make the change on the study and return its head."""
        return self.does(study) if callable(self.does) else study.commit(self.does)

    def assert_refused(self, verdict: Verdict) -> None:
        """Hold that `verdict` refuses the change at the named file, for the named reason."""
        assert not verdict.clean
        found = [(p.path, p.line, p.reason) for p in verdict.problems]
        assert any(
            path == self.path and self.reason in reason and self.line in (None, line)
            for path, line, reason in found
        ), found


def each(table: list[Hostile]) -> Any:
    """Run a test once for each row."""
    return pytest.mark.parametrize("case", table, ids=lambda case: case.what.replace(" ", "-"))
