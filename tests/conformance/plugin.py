"""Holds whatever a local GitHub says in any test against GitHub's descriptions.

Each local GitHub that a test starts, in this process or in another, writes down what it says in a folder of
this process. After each test, fixtures ended, what was added there is read, and the first test in which a
violation shows fails with it. What breaks inside a local GitHub is a violation too, wherever it is answered
or swallowed.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from standins.github.recording import FOLDER
from tests.conformance.allowed import Allowance, allowance_for, allowances
from tests.conformance.check import Violation, violations

ASKS_TOO_MUCH = "asks_too_much"  # marks a test that asks for what the local GitHub says it does not have
NOT_IMPLEMENTED = "501"
NEEDED = "allowances"


class NotAsGitHub(Exception):
    """The local GitHub was asked, answered or told something that GitHub does not describe, or it broke."""


class Records:
    """What was written in a folder since it was last asked; what was read is gone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[Path, int] = {}

    def new(self) -> Iterator[dict[str, Any]]:
        for path in sorted(self._folder.iterdir()):
            with path.open("rb") as file:
                file.seek(self._read.get(path, 0))
                whole = file.read().rpartition(b"\n")[0]
            self._read[path] = self._read.get(path, 0) + len(whole) + bool(whole)
            yield from map(json.loads, whole.splitlines())


class Conformance:
    def __init__(self, folder: Path) -> None:
        self._records = Records(folder)
        self._seen: set[tuple[str, str, str]] = set()
        self._needed: set[str] = set()  # reasons of lines of the list of what is allowed
        self._in_vain: list[Allowance] = []

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None]:
        yield
        found = list(self._fresh(asks_too_much=item.get_closest_marker(ASKS_TOO_MUCH) is not None))
        if found:
            raise NotAsGitHub("\n".join(["GitHub describes this otherwise:", *map(str, found)]))

    def _fresh(self, *, asks_too_much: bool) -> Iterator[Violation]:
        """Violations of a kind that this process has not seen before."""
        for record in self._records.new():
            for violation in violations(record):
                if not self._allows(violation, asks_too_much) and violation.key not in self._seen:
                    self._seen.add(violation.key)
                    yield violation

    def _allows(self, violation: Violation, asks_too_much: bool) -> bool:
        allowance = allowance_for(violation)
        if allowance is not None:
            self._needed.add(allowance.reason)
        return allowance is not None or (asks_too_much and violation.status == NOT_IMPLEMENTED)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A process of several has ended."""
        self._needed |= set(getattr(node, "workeroutput", {}).get(NEEDED, ()))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A line of the list that nothing in the whole suite needed hides what comes next: away with it."""
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput[NEEDED] = sorted(self._needed)
        elif is_whole(session):
            self._in_vain = [each for each in allowances() if each.reason not in self._needed]
            if self._in_vain:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for each in self._in_vain:
            line = f"{each.operation} | {each.status} | {each.where}"
            terminalreporter.write_line(f"Nothing needs this line of allowed.txt: {line}", red=True)


def is_whole(session: pytest.Session) -> bool:
    """Whether every test ran, to its end."""
    config = session.config
    everything = config.args_source is config.ArgsSource.TESTPATHS
    return everything and not (config.option.keyword or config.option.markexpr or session.testsfailed)


def pytest_configure(config: pytest.Config) -> None:
    folder = Path(tempfile.mkdtemp(prefix="lockgate-records-"))
    os.environ[FOLDER] = str(folder)
    config.pluginmanager.register(Conformance(folder), "lockgate-conformance")
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
