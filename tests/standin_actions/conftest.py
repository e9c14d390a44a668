"""A fresh local GitHub for each test, with a first commit on main, and a receiver of webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.standin.world import World, first_commit, served
from tests.standin_actions.ears import Ear, listening


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with served(tmp_path) as world:
        first_commit(world)
        yield world


@pytest.fixture
def ear() -> Iterator[Ear]:
    with listening() as ear:
        yield ear
