"""One turn of the node worker: whatever is due, each part by itself, in bounded batches."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from lockgate.errors import LockgateError, Unavailable
from lockgate.evidence import GitHubDenied, GitHubUnavailable, HistoryRewritten, MirrorUnavailable
from lockgate.node import health
from lockgate.node.code_repo import ProjectOnNode
from lockgate.node.collection.collect import Collector
from lockgate.node.configuration import WorkHeld
from lockgate.node.database import Database
from lockgate.node.exchange import Outbox, forget_old
from lockgate.node.health import Probes
from lockgate.node.previews.answer import Previews
from lockgate.node.registry import Registry
from lockgate.node.release.release import Releaser
from lockgate.node.run_watch import RunWatch, sensor_of
from lockgate.node.storage import StorageDenied, StorageUnavailable

logger = logging.getLogger(__name__)

EVERY = {
    "configuration": 10.0,
    "main": 5.0,
    "runs": 2.0,
    "health": 5.0,
    "replaced": 30.0,
    "old messages": 3600.0,
}
MOST_STEPS = 20
TURN = 20.0


@dataclass
class Worker:
    """The parts of the worker; its timer calls `turn`, and nothing else does work."""

    database: Database
    outbox: Outbox
    registry: Registry
    runs: RunWatch
    collector: Collector
    releaser: Releaser
    previews: Previews
    probes: Probes = field(default_factory=Probes)
    stopped: dict[str, str] = field(default_factory=dict)
    _due: dict[str, float] = field(default_factory=dict)
    _said: dict[str, str] = field(default_factory=dict)

    def turn(self) -> None:
        """Do what is due. A part that fails is logged and tried again; the others go on."""
        self._attempt("looks", self._take_looks)
        self._at_its_time("configuration", self._read_configuration)
        self._at_its_time("main", self._read_main)
        self._at_its_time("runs", self._watch_runs)
        deadline = time.monotonic() + TURN
        projects = {name: on for name, on in self.registry.projects.items() if name not in self.stopped}
        for step in (self.previews.step, self.collector.step, self.releaser.step):
            self._attempt(step.__qualname__, partial(self._steps, step, projects, deadline))
        self._at_its_time("replaced", lambda: self.collector.tidy(projects))
        self._at_its_time("old messages", self._forget_messages)
        self._at_its_time("health", self._tell_health)
        self._attempt("outbox", lambda: self.outbox.send_due(self.database))

    def close(self) -> None:
        """Give back the connections to the parts outside."""
        self.registry.close()
        self.runs.source.close()

    def wake(self) -> None:
        """Look at everything in the next turn."""
        self._due.clear()

    def _steps(
        self,
        step: Callable[[dict[str, ProjectOnNode]], bool],
        projects: dict[str, ProjectOnNode],
        deadline: float,
    ) -> None:
        for _ in range(MOST_STEPS):
            if time.monotonic() > deadline or not step(projects):
                return

    def _take_looks(self) -> None:
        with self.database.transaction() as connection:
            asked = connection.execute("DELETE FROM look RETURNING project").fetchall()
            names = [project for (project,) in asked]
            for statement in _WAKE:
                connection.execute(statement, [names])
        if asked:
            self.wake()

    def _read_configuration(self) -> None:
        try:
            self.registry.read()
        except WorkHeld as held:
            self.probes = replace(self.probes, github=True, configuration=held.what)
            raise
        except (GitHubUnavailable, GitHubDenied, MirrorUnavailable):
            self.probes = replace(self.probes, github=False)
            self.registry.app.forget_tokens()
            raise
        self.probes = replace(self.probes, github=True, configuration="", projects=self._project_problems())

    def _read_main(self) -> None:
        """Fetch every Code Repo and find what was merged. A rewritten main stops its project."""
        for name, on in self.registry.projects.items():
            try:
                self.registry.fetch(on)
                self.releaser.find(on)
                self.stopped.pop(name, None)
            except HistoryRewritten as problem:
                self.stopped[name] = problem.what
            except LockgateError as problem:
                logger.warning("main of %s: %s", name, problem)
                self.registry.app.forget_tokens()
        self.probes = replace(self.probes, projects=self._project_problems())

    def _watch_runs(self) -> None:
        locations = {on.project.code_location: name for name, on in self.registry.projects.items()}
        try:
            seen = self.runs.look(locations)
        except Unavailable:
            self.probes = replace(self.probes, dagster=False)
            raise
        sensors = {project: sensor_of(seen, location) for location, project in locations.items()}
        self.probes = replace(self.probes, dagster=True, daemons=seen.daemons, sensors=sensors)

    def _tell_health(self) -> None:
        self.probes = replace(self.probes, storage=self._storage_answers())
        services = health.judge(self.probes, datetime.now(UTC))
        with self.database.transaction() as connection:
            health.save(connection, services)
            health.tell(connection, self.outbox)

    def _storage_answers(self) -> bool | None:
        stores = self.registry.stores()
        try:
            for store in stores.values():
                store.look("lockgate-health")
        except (StorageUnavailable, StorageDenied) as problem:
            logger.warning("storage: %s", problem)
            return False
        return True if stores else None

    def _forget_messages(self) -> None:
        with self.database.transaction() as connection:
            forget_old(connection)

    def _project_problems(self) -> dict[str, str]:
        return {**self.registry.problems, **self.stopped}

    def _at_its_time(self, part: str, work: Callable[[], object]) -> None:
        if time.monotonic() >= self._due.get(part, 0.0):
            self._due[part] = time.monotonic() + EVERY[part]
            self._attempt(part, work)

    def _attempt(self, part: str, work: Callable[[], object]) -> None:
        """The edge of the loop: a failure is said when it begins, and does not stop the other parts."""
        try:
            work()
            self._said.pop(part, None)
        except LockgateError as problem:
            if self._said.get(part) != str(problem):
                logger.warning("%s: %s", part, problem)
            self._said[part] = str(problem)
        except Exception:  # the edge of the loop
            logger.exception("%s failed", part)


_WAKE = (
    b"UPDATE collection SET due_at = now() WHERE project = ANY(%s) AND state = 'found'",
    b"UPDATE release SET due_at = now() WHERE project = ANY(%s) AND state IN ('waiting', 'unfinished')",
    # A report that came before the portal had read the merge is one that it can take now.
    b"""UPDATE outbound_message SET due_at = now()
        WHERE split_part(topic, '/', 1) = ANY(%s) AND acknowledged_at IS NULL""",
)
