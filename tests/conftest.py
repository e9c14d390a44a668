"""What all tests share."""

from __future__ import annotations

import os
import shutil

import pytest

pytest_plugins = ["tests.portal_environment"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of whole threads share one demo, so one worker takes them all."""
    for item in items:
        if item.path.parent.name == "thread":
            item.add_marker(pytest.mark.xdist_group("demo"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = len(terminalreporter.stats.get("skipped", []))
    if skipped and shutil.which("chromium") is None:
        terminalreporter.write_line(
            f"{skipped} tests were skipped because Chromium is missing. Get it with: apt-get install chromium"
        )


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a test that was skipped is a test that was not run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
