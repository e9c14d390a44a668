"""A fresh local GitHub for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.standin.world import World, first_commit, served


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[World]:
    """Served, with a repository that nothing was pushed to yet."""
    with served(tmp_path) as world:
        yield world


@pytest.fixture
def world(empty: World) -> World:
    """The same with a first commit on main."""
    first_commit(empty)
    return empty
