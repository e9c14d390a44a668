"""A code location beside a local GitHub, with the files that the node worker would write for its sensor."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from dagster import DagsterInstance, build_sensor_context
from dagster._core.definitions.sensor_definition import SensorExecutionData

from lockgate.dagster import JobType, build_sensor
from lockgate.formats import write_job_request
from tests.dagster.jobs import survival
from tests.evidence.conftest import github, started_github, token, work
from tests.evidence.github import PORTAL_APP, REPOSITORY, GitHub
from tests.gate.repository import Repository
from tests.gate.study import REQUEST, REQUEST_PATH

__all__ = ["github", "started_github", "token", "work"]


@dataclass
class Location:
    """`tick` evaluates the sensor once, as Dagster would; `cursor` is what Dagster keeps between ticks."""

    sensor_dir: Path
    work_dir: Path
    cursor: str | None = None

    def tick(self, *job_types: JobType) -> SensorExecutionData:
        sensor = build_sensor(job_types or (survival,), work_dir=self.work_dir)
        with DagsterInstance.ephemeral() as instance:
            done = sensor.evaluate_tick(build_sensor_context(instance=instance, cursor=self.cursor))
        self.cursor = done.cursor or self.cursor
        return done

    @property
    def read(self) -> dict[str, Any]:
        return json.loads(self.cursor or "{}")

    def settings(self, **changed: Any) -> None:
        path = self.sensor_dir / "settings.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **changed}))


@pytest.fixture
def location(
    github: GitHub, work: Repository, token: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Location:
    folder = tmp_path / "sensor"
    folder.mkdir()
    settings = {
        "node": "north",
        "github_url": github.url,
        "repository": REPOSITORY,
        "since": work.tip(),
        "default_branch": "main",
        "portal_app_id": PORTAL_APP,
        "node_accounts": {"north": 4002, "south": 4003},
        "minimums": {},
        "approved_before": [],
    }
    (folder / "settings.json").write_text(json.dumps(settings))
    (folder / "token").write_text(token)
    monkeypatch.setenv("LOCKGATE_SENSOR_DIR", str(folder))
    monkeypatch.setenv("LOCKGATE_CODE_REVISION", "c0de")
    return Location(folder, tmp_path / "location")


@dataclass(frozen=True)
class Merged:
    sha: str
    head: str


@pytest.fixture
def merge(github: GitHub, work: Repository, request: pytest.FixtureRequest) -> Callable[..., Merged]:
    """Send the study's request as the researcher, and merge it; `said` is the portal's word on its head."""
    branch = "request/" + re.sub("[^a-z]+", "-", request.node.name).strip("-")

    def run(said: str | None = "success", files: dict[str, bytes] | None = None) -> Merged:
        head = work.commit(files or {REQUEST_PATH: write_job_request(REQUEST)}, branch=branch)
        github.push(work, f"{branch}:{branch}")
        number = github.open(branch)
        if said:
            github.post_policy(head, said)
        return Merged(github.merge(number, head), head)

    return run
