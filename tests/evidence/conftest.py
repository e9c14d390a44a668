"""A local GitHub of one's own, with the study pushed to main."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lockgate.evidence import Mirror
from tests.evidence.github import NODE_APP, READ_ONLY, REPOSITORY, GitHub
from tests.gate.repository import Repository
from tests.gate.study import base_files


@pytest.fixture(scope="session")
def started_github(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHub]:
    github = GitHub(tmp_path_factory.mktemp("github"))
    github.start()
    yield github
    github.stop()


@pytest.fixture
def work(tmp_path: Path, request: pytest.FixtureRequest) -> Repository:
    """A person's own clone: the study's first commit on main, in each test another one."""
    repository = Repository.create(tmp_path / "work.git")
    own = {"README.md": request.node.nodeid.encode()}
    repository.commit({**base_files(), **own}, parents=(), branch="main")
    return repository


@pytest.fixture
def github(started_github: GitHub, work: Repository) -> GitHub:
    """GitHub, with main where the clone has it."""
    started_github.push(work, "main:main", "maintainer")
    return started_github


@pytest.fixture
def token(github: GitHub) -> str:
    """What a sensor holds: the node App's token, narrowed to reading."""
    return github.app_token(NODE_APP, READ_ONLY)


@pytest.fixture
def mirror(github: GitHub, token: str, tmp_path: Path) -> Mirror:
    mirror = Mirror(tmp_path / "mirror.git", github.url, REPOSITORY, lambda: token)
    mirror.fetch()
    return mirror
