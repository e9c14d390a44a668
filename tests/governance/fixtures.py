"""What is arranged once for all tests that begin with a furnished GitHub, wherever they stand.

A plugin: what it imports is imported when it is asked for, so that pytest still rewrites its assertions.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_django import DjangoDbBlocker

if TYPE_CHECKING:
    from tests.governance.beginning import Beginning


@pytest.fixture(scope="session")
def furnished_github(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The local GitHub's folder with both repositories; each test starts from a copy."""
    from tests.governance.world import furnish, served

    folder = tmp_path_factory.mktemp("furnished")
    with served(folder) as world:
        furnish(world)
    return folder / "github"


@pytest.fixture(scope="session")
def begun(
    furnished_github: Path,
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> Beginning:
    """Where the portal has read both repositories and every team."""
    from tests.governance.beginning import Beginning

    with django_db_blocker.unblock():
        return Beginning.of(furnished_github, tmp_path_factory.mktemp("begun"))
