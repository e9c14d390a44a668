"""The portal beside a local GitHub, both furnished; rows as after the first round of the worker."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.governance.beginning import Beginning
from tests.governance.world import World, served


@pytest.fixture
def github_here(furnished_github: Path, tmp_path: Path) -> Iterator[World]:
    """GitHub with both repositories; the portal has read nothing yet."""
    shutil.copytree(furnished_github, tmp_path / "github", symlinks=True)
    with served(tmp_path) as world:
        yield world


@pytest.fixture
def world(begun: Beginning, tmp_path: Path, db: None) -> Iterator[World]:
    """The portal has read both repositories and every team."""
    with begun.again(tmp_path) as world:
        yield world
