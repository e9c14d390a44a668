"""What each call of a trial came to, and what to undo at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from lockgate.errors import LockgateError

T = TypeVar("T")
LOOK = "See docs/github-app.md."
LEAVES = "the trial leaves the repository as it was"


class Result(StrEnum):
    WORKS = "works"
    REFUSED = "refused"
    UNTOLD = "not told"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Tried:
    """`call` as GitHub documents it, `why` what Lockgate does with it, `advice` what to do now."""

    group: str
    call: str
    why: str
    result: Result
    advice: str = ""


class Stopped(Exception):
    """The rest of the group needs what GitHub did not give."""


class Trial:
    """Tries one call after another. What is made is undone at the end, the newest first."""

    def __init__(self) -> None:
        self.tried: list[Tried] = []
        self._group = ""
        self._undo: list[tuple[str, Callable[[], object]]] = []

    @contextmanager
    def group(self, name: str) -> Iterator[None]:
        """A call that fails stops this group alone: not the one around it, which goes on after."""
        around, self._group = self._group, name
        try:
            yield
        except Stopped:
            self._write("the calls after this one", "they need its answer", Result.SKIPPED, "Mend it first.")
        finally:
            self._group = around

    def need(self, call: str, why: str, do: Callable[[], T], *, needs: str = "") -> T:
        """The answer, which the calls after it need. Raises Stopped."""
        try:
            answer = do()
        except LockgateError as error:
            self._write(call, why, _result(error), _advice(error, needs))
            raise Stopped from error
        self._write(call, why, Result.WORKS)
        return answer

    def try_(self, call: str, why: str, do: Callable[[], object], *, needs: str = "") -> bool:
        """A call that no other needs; whether it works."""
        try:
            self.need(call, why, do, needs=needs)
        except Stopped:
            return False
        return True

    def skip(self, call: str, why: str, advice: str) -> None:
        """A call that cannot be tried is said aloud."""
        self._write(call, why, Result.SKIPPED, advice)

    def skip_group(self, group: str, why: str, advice: str) -> None:
        with self.group(group):
            self.skip("all calls", why, advice)

    def undo_later(self, call: str, do: Callable[[], object]) -> None:
        """`do` gives False where there was nothing to undo."""
        self._undo.append((call, do))

    def clean_up(self) -> None:
        """Take away what the trial made; what cannot be is said."""
        self._group = "clean up"
        while self._undo:
            self._take_back(*self._undo.pop())

    def _take_back(self, call: str, do: Callable[[], object]) -> None:
        try:
            undone = do()
        except LockgateError as error:
            self._write(call, LEAVES, _result(error), _advice(error, ""))
            return
        if undone is not False:
            self._write(call, LEAVES, Result.WORKS)

    def _write(self, call: str, why: str, result: Result, advice: str = "") -> None:
        self.tried.append(Tried(self._group, call, why, result, advice))


def _result(error: LockgateError) -> Result:
    return Result.UNTOLD if error.retryable else Result.REFUSED


def _advice(error: LockgateError, needs: str) -> str:
    if error.retryable:
        return f"{error.what} Try again later."
    return f"{error.what} It needs {needs}. {LOOK}" if needs else f"{error.what} {LOOK}"
