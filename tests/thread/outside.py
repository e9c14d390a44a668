"""What somebody outside the portal finds out: on GitHub, in Dagster, with Git and DVC."""

from __future__ import annotations

import base64
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.thread.demo import RunningDemo

REPOSITORY = "north-health/heart-study"
RUNS = """query($tags: [ExecutionTag!]) { runsOrError(filter: {tags: $tags}) {
  ... on Runs { results { runId status rootRunId } } } }"""


@dataclass(frozen=True)
class GitHub:
    """The local GitHub, seen with one token."""

    demo: RunningDemo
    token: str

    def call(self, method: str, path: str, **body: Any) -> Any:
        answer = httpx.request(
            method,
            f"{self.demo.github}/api/v3{path}",
            headers={"Authorization": f"Bearer {self.token}"},
            json=body or None,
            timeout=30,
            trust_env=False,
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def pull_of(self, branch: str) -> Any:
        """The newest pull request from a branch whose name begins so."""
        pulls = self.call("GET", f"/repos/{REPOSITORY}/pulls?state=all&per_page=100")
        return next(pull for pull in pulls if pull["head"]["ref"].startswith(branch))

    def checks_of(self, sha: str) -> list[Any]:
        found = self.call("GET", f"/repos/{REPOSITORY}/commits/{sha}/check-runs?filter=all&per_page=100")
        checks: list[Any] = found["check_runs"]
        return checks

    def clone(self, folder: Path, name: str = REPOSITORY) -> subprocess.CompletedProcess[str]:
        word = base64.b64encode(f"x:{self.token}".encode()).decode()
        header = f"http.extraHeader=Authorization: Basic {word}"
        command = ["git", "-c", header, "clone", "-q", f"{self.demo.github}/{name}.git", str(folder)]
        return subprocess.run(command, capture_output=True, text=True)


def administrator(demo: RunningDemo) -> GitHub:
    return GitHub(demo, demo.secrets["maintainer_token"])


def runs_of(demo: RunningDemo, slug: str) -> list[dict[str, str]]:
    """What Dagster ran for a request."""
    tags = [{"key": "lockgate/request", "value": slug}]
    answer = httpx.post(
        f"{demo.endpoints['dagster']}/graphql",
        json={"query": RUNS, "variables": {"tags": tags}},
        timeout=30,
        trust_env=False,
    )
    found: list[dict[str, str]] = answer.json()["data"]["runsOrError"]["results"]
    return found


def pull_with_dvc(clone: Path, *, user: str, token: str) -> subprocess.CompletedProcess[str]:
    """Stock DVC, as the publication's page says."""
    dvc = [sys.executable, "-m", "dvc"]
    for key, value in (("user", user), ("password", token)):
        remote = ["remote", "modify", "--local", "publication", key, value]
        subprocess.run([*dvc, *remote], cwd=clone, check=True, capture_output=True)
    return subprocess.run([*dvc, "pull", "-R", "results"], cwd=clone, capture_output=True, text=True)
