"""A source of runs in this process: what a Dagster would tell, with real files in scratch."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lockgate.formats import JobRequest
from lockgate.node.dagster import Daemon, DagsterUnavailable, Failure, Look, Run, Sensor
from tests.gate.study import blob_of

LOCATION = "heart_study"
CODE = "c0de" * 10


@dataclass
class Runs:
    """Keeps runs and answers as the adapter does. `down` makes it answer nothing."""

    scratch: Path
    all: dict[str, Run] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)
    sensor: Sensor = field(default_factory=lambda: Sensor("requests", None, time.time(), running=True))
    down: bool = False

    def look(self, updated_after: float, locations: Sequence[str]) -> Look:
        if self.down:
            raise DagsterUnavailable("Dagster did not answer.")
        runs = tuple(run for run in self.all.values() if run.updated > updated_after)
        daemons = (Daemon("SENSOR", healthy=True, last_heartbeat=time.time()),)
        return Look(runs, dict.fromkeys(locations, (self.sensor,)), daemons)

    def failure(self, run: str) -> Failure | None:
        return self.failures.get(run)

    def close(self) -> None:
        """Nothing is held."""

    def add(self, request: JobRequest, merge: str, *, status: str = "SUCCESS", **tags: str) -> Run:
        """A run that the sensor started for a merged request; `tags` stand in for the sensor's own."""
        now = time.time() + len(self.all)
        blob = blob_of(request)
        given = {
            "lockgate/request": request.id,
            "lockgate/blob": blob,
            "lockgate/merge": merge,
            "lockgate/pull_request": "1",
            "lockgate/code": CODE,
            "dagster/run_key": f"{request.id}@{blob}",
        }
        given |= {name.replace("__", "/"): value for name, value in tags.items()}
        name = str(uuid.uuid4())
        run = Run(name, LOCATION, status, name, given, now, now, now, now + 1)
        self.all[name] = run
        return run

    def retry_of(self, run: Run) -> Run:
        """A retry: another run with the same key and root."""
        name = str(uuid.uuid4())
        self.all[name] = replace(run, id=name, root=run.root, status="SUCCESS", updated=time.time() + 50)
        return self.all[name]

    def write(self, run: Run, files: Mapping[str, bytes | Callable[[Path], object]]) -> Path:
        """What the run leaves in scratch, marked complete; a callable makes what is no plain file."""
        folder = self.scratch / run.id
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                path.write_bytes(content)
            else:
                content(path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".complete").touch()
        return folder
