"""The portal beside a local GitHub, both furnished; rows as after the first round of the worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.governance.world import World, furnish, served


@pytest.fixture
def github_here(tmp_path: Path) -> Iterator[World]:
    """GitHub with both repositories; the portal has read nothing yet."""
    with served(tmp_path) as world:
        furnish(world)
        yield world


@pytest.fixture
def world(github_here: World, db: None) -> World:
    """The portal has read both repositories and every team."""
    github_here.catch_up()
    return github_here
