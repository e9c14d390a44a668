"""Everybody's tokens, and a local GitHub with a scratch repository."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from standins.github.store import Delivery
from tests import portal_environment as environment
from tests.governance.seed import NODE_APP, PERSONAL
from tests.governance.world import World, served
from tests.services.ports import wait_until
from tests.trial.arrange import begins, fill

PEOPLE = {"PERSON": "researcher", "REVIEWER": "controller", "ADMINISTRATOR": "maintainer"}


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The arguments that name everybody's token, and the node's App."""
    for variable, login in PEOPLE.items():
        monkeypatch.setenv(variable, PERSONAL[login])
    people = [word for name in PEOPLE for word in (f"--{name.lower()}-env", name)]
    return [*people, "--node-app-id", str(NODE_APP), "--node-key-file", str(environment.APP_KEY_FILE)]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with served(tmp_path, begins()) as world:
        store = world.line.app.state.site.store
        fill(world)
        wait_until(lambda: store.first(Delivery, state="failed"), what="the delivery that nobody hears")
        yield world
