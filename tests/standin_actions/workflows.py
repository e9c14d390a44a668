"""Workflow files for tests, and how to see what became of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from tests.standin.world import FULL_NAME, ORGANIZATION, PERSONAL, REPOSITORY, World, commit, git

T = TypeVar("T")
FOLDER = ".github/workflows"


def workflow(on: str, *steps: str, permissions: str = "{contents: read}", job: str = "gate") -> str:
    """A file with one job; each step is YAML such as `run: echo`."""
    listed = "\n".join("      - " + step.replace("\n", "\n        ") for step in steps)
    return (
        f"name: {job}\non: {on}\npermissions: {permissions}\njobs:\n  {job}:\n"
        f"    runs-on: ubuntu-24.04\n    steps:\n{listed}\n"
    )


def add_to_main(world: World, files: dict[str, str]) -> str:
    """Files on main, pushed by the maintainer."""
    clone = world.clone("maintainer")
    sha = commit(clone, files)
    git(clone, "push", "-q", "origin", "main")
    return sha


def wait_for(look: Callable[[], T | None], what: str, seconds: float = 20) -> T:
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"in vain: {what}"
        time.sleep(0.02)


def check_runs(world: World, sha: str, name: str | None = None) -> list[Any]:
    """All check runs of a commit, oldest first, as githubkit's typed models."""
    named = {"check_name": name} if name else {}
    answer = world.person("maintainer").checks.list_for_ref(
        ORGANIZATION, REPOSITORY, sha, filter_="all", **named
    )
    return sorted(answer.parsed_data.check_runs, key=lambda run: run.id)


def finished(world: World, sha: str, name: str = "gate") -> Any:
    """The newest check run of that name on a commit, once it is completed."""

    def look() -> Any:
        runs = check_runs(world, sha, name)
        return runs[-1] if runs and runs[-1].status == "completed" else None

    return wait_for(look, f"check {name} of {sha}")


def log_of(world: World, check: Any) -> str:
    """What the job printed."""
    answer = world.http("maintainer").get(
        f"/api/v3/repos/{FULL_NAME}/actions/jobs/{check.id}/logs", follow_redirects=True
    )
    assert answer.status_code == 200, answer.text
    return answer.text


__all__ = ["FOLDER", "PERSONAL", "add_to_main", "check_runs", "finished", "log_of", "wait_for", "workflow"]
