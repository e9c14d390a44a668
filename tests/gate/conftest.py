"""A repository for each test, copied from one that is made once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lockgate.gate import Verdict, check
from tests.gate.repository import Repository
from tests.gate.study import (
    ALSO_PUBLISHED,
    NODE_APP,
    PUBLISHED,
    REMOVED_PATH,
    RESEARCHER,
    WITHDRAWN,
    base_files,
    requests,
    result_of,
)

Gate = Callable[..., Verdict]


@pytest.fixture(scope="session")
def study_on_disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    repository = Repository.create(tmp_path_factory.mktemp("gate") / "study.git")
    first = repository.commit(base_files(), parents=(), branch="main")
    second = repository.commit({**requests(), REMOVED_PATH: b"old\n"}, parents=(first,), branch="main")
    results = {**result_of(PUBLISHED), **result_of(ALSO_PUBLISHED), **result_of(WITHDRAWN)}
    third = repository.commit(results, parents=(second,), branch="main")
    gone = {REMOVED_PATH: None, **dict.fromkeys(result_of(WITHDRAWN))}
    repository.commit(gone, parents=(third,), branch="main")
    return repository.path


@pytest.fixture
def study(study_on_disk: Path, tmp_path: Path) -> Repository:
    """The Code Repo as it stands, to be changed by one test."""
    shutil.copytree(study_on_disk, tmp_path / "study.git")
    return Repository(tmp_path / "study.git")


@pytest.fixture
def gate(study: Repository) -> Gate:
    """The gate on the study's main branch with every fact given; a test overrides what it is about."""

    def run(head: str, author: int = RESEARCHER, **facts: object) -> Verdict:
        given = {
            "base": "main",
            "base_ref": "main",
            "default_branch": "main",
            "author": author,
            "node_accounts": {"north": NODE_APP, "south": 4003},
            **facts,
        }
        return check(study.path, head=head, **given)  # type: ignore[arg-type]

    return run
