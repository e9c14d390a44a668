from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.s3 import S3, s3


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    root: Path = tmp_path_factory.mktemp("publication-store") / "store"
    root.mkdir()
    with s3(root, buckets=["publication"]) as server:
        yield server


@pytest.fixture
def store_keys(store: S3, monkeypatch: pytest.MonkeyPatch) -> S3:
    """The portal's environment holds the store's key, as in production."""
    for name, value in store.environment("NORTH_PUBLICATION").items():
        monkeypatch.setenv(name, value)
    return store
