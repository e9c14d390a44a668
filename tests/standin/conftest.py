"""A fresh local GitHub for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.standin.world import World, first_commit, served


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[World]:
    """Served, with a repository that nothing was pushed to yet."""
    with served(tmp_path) as world:
        yield world


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a stand-in keeps once a first commit was pushed to main."""
    folder = tmp_path_factory.mktemp("begun")
    with served(folder) as world:
        first_commit(world)
    return folder / "data"


@pytest.fixture
def world(tmp_path: Path, begun: Path) -> Iterator[World]:
    """Served, with a first commit on main."""
    shutil.copytree(begun, tmp_path / "data")
    with served(tmp_path) as world:
        yield world
