"""What all tests share."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.services.chromium import GET_IT, chromium_here

pytest_plugins = [
    "tests.portal_environment",
    "tests.conformance.plugin",
    "tests.transactions",
    "tests.governance.fixtures",
]

LONG = ("tests/histories/", "tests/templates/")
FAULTS = ("tests/thread/test_every_fault.py", "tests/thread/test_lifecycle.py")

# No test judges by the clock: under load, drawing examples takes as long as it takes.
settings.register_profile("lockgate", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("lockgate")


class OneDemoEach(LoadScopeScheduling):
    """Tests of whole threads share a demo, those of faults and restarts another; the others go one by one."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(FAULTS):
            return FAULTS[0]
        return "tests/thread" if nodeid.startswith("tests/thread/") else nodeid


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first, so that at the end no worker waits for another."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneDemoEach:
    return OneDemoEach(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = len(terminalreporter.stats.get("skipped", []))
    if skipped and chromium_here() is None:
        terminalreporter.write_line(
            f"{skipped} tests were skipped because Chromium is missing. Get it with: {GET_IT}"
        )


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a test that was skipped is a test that was not run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
