"""The portal beside a local GitHub, both furnished; rows as after the first round of the worker."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.governance.world import World, furnish, served


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The local GitHub's folder with both repositories, made once; each test starts from a copy."""
    folder = tmp_path_factory.mktemp("furnished")
    with served(folder) as world:
        furnish(world)
    return folder / "github"


@pytest.fixture
def github_here(furnished: Path, tmp_path: Path) -> Iterator[World]:
    """GitHub with both repositories; the portal has read nothing yet."""
    shutil.copytree(furnished, tmp_path / "github", symlinks=True)
    with served(tmp_path) as world:
        yield world


@pytest.fixture
def world(github_here: World, db: None) -> World:
    """The portal has read both repositories and every team."""
    github_here.catch_up()
    return github_here
