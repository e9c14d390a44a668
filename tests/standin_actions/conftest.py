"""A fresh local GitHub for each test, as the core's tests have it, and a receiver of webhooks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.standin.conftest import empty, world
from tests.standin_actions.ears import Ear, listening

__all__ = ["ear", "empty", "world"]


@pytest.fixture
def ear() -> Iterator[Ear]:
    with listening() as ear:
        yield ear
