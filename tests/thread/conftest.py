from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium
from tests.thread.demo import RunningDemo, running
from tests.thread.people import Person


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    """One demo for all tests of whole threads: each asks for a job of its own in it."""
    with running(tmp_path_factory.mktemp("thread") / "demo") as started:
        yield started


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


class People:
    """Signs people in once and keeps their browsers for the session."""

    def __init__(self, browser: Browser, demo: RunningDemo) -> None:
        self._browser, self._demo = browser, demo
        self._known: dict[str, Person] = {}

    def __call__(self, login: str) -> Person:
        if login not in self._known:
            self._known[login] = Person.signs_in(self._browser, self._demo.portal, login)
        return self._known[login]


@pytest.fixture(scope="package")
def people(browser: Browser, demo: RunningDemo) -> People:
    return People(browser, demo)
