"""A node on real parts: one PostgreSQL and one S3 for all its tests, a GitHub for each."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.node.github import github
from tests.node.world import NodeWorld
from tests.services.postgres import Postgres, postgres
from tests.services.s3 import S3, s3


@pytest.fixture(scope="session")
def node_postgres() -> Iterator[Postgres]:
    folder = Path(tempfile.mkdtemp(prefix="lockgate-postgres-"))
    folder.chmod(0o755)
    with postgres(folder / "data") as server:
        yield server
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def node_s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    with s3(tmp_path_factory.mktemp("s3") / "data", buckets=["internal", "publication"]) as server:
        yield server


@pytest.fixture
def database_url(node_postgres: Postgres) -> Iterator[str]:
    name = f"node_{uuid.uuid4().hex[:12]}"
    yield node_postgres.create_database(name)
    node_postgres.drop_database(name)


@pytest.fixture
def node(tmp_path: Path, database_url: str, node_s3: S3) -> Iterator[NodeWorld]:
    """A registered project on a running node; storage is empty."""
    _empty(node_s3)
    with github(tmp_path / "github") as served:
        world = NodeWorld(tmp_path, served, node_s3, database_url)
        yield world
        world.close()


def _empty(store: S3) -> None:
    """By S3 itself: the server caches its folders."""
    client = store.client()
    for bucket in ("internal", "publication"):
        for found in client.list_objects_v2(Bucket=bucket).get("Contents", ()):
            client.delete_object(Bucket=bucket, Key=found["Key"])
    client.close()
