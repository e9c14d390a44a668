"""The run watch: one look at Dagster, the rows that it changes, and what the portal is told."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from lockgate.messages import RunsReported
from lockgate.node import runs
from lockgate.node.collection.collect import note_success
from lockgate.node.dagster import Look, RunSource, Sensor
from lockgate.node.database import Connection, Database
from lockgate.node.exchange import Outbox, report

OVERLAP = 120.0


@dataclass(frozen=True)
class Cursor:
    """How far a sensor has read main, and why requests wait or are held, by request."""

    sha: str | None
    waiting: Mapping[str, str]
    held: Mapping[str, str]


@dataclass(frozen=True)
class RunWatch:
    """Follows the runs of registered projects."""

    database: Database
    outbox: Outbox
    source: RunSource

    def look(self, locations: Mapping[str, str]) -> Look:
        """See what changed since the last look; `locations` gives the project of each code location.

        The mark moves only after the rows are written, and looks overlap, so nothing is missed by a crash.
        """
        with self.database.transaction() as connection:
            mark = min((_mark(connection, each) for each in locations), default=time.time())
        seen = self.source.look(max(0.0, mark - OVERLAP), sorted(locations))
        for run in seen.runs:
            row = runs.row_of(run, locations)
            if row is not None:
                self._keep(row)
        with self.database.transaction() as connection:
            newest = max([mark, *(run.updated for run in seen.runs)])
            for location, project in locations.items():
                _move_mark(connection, location, newest)
                self._tell(connection, project, sensor_of(seen, location))
        return seen

    def _keep(self, row: runs.RunRow) -> None:
        with self.database.transaction() as connection:
            known = runs.find(connection, row.id)
        if known is not None and (known.status, known.finished) == (row.status, row.finished):
            return
        failure = self.source.failure(row.id) if row.status == "FAILURE" else None
        with self.database.transaction() as connection:
            runs.save(connection, row, failure)
            if row.status == "SUCCESS":
                note_success(connection, self.outbox, row)

    def _tell(self, connection: Connection, project: str, sensor: Sensor | None) -> None:
        cursor = read_cursor(sensor.cursor if sensor else None)
        body = RunsReported(
            project=project,
            cursor=cursor.sha,
            at=datetime.now(UTC),
            runs=runs.reports(connection, project),
            waiting=cursor.waiting,
            held=cursor.held,
        )
        report(connection, self.outbox, f"{project}/runs", body)


def sensor_of(seen: Look, location: str) -> Sensor | None:
    """The sensor of a code location that keeps a cursor of ours; a new one has none yet."""
    sensors = seen.sensors.get(location, ())
    with_cursor = [each for each in sensors if read_cursor(each.cursor).sha]
    return next(iter([*with_cursor, *sensors]), None)


def read_cursor(text: str | None) -> Cursor:
    """The sensor's cursor; an empty one where it is none of ours, for it is only shown."""
    try:
        value = json.loads(text or "{}")
        if value.get("version") == 1:
            return Cursor(str(value["sha"]), _reasons(value["waiting"]), _reasons(value["held"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    return Cursor(None, {}, {})


def _reasons(value: Mapping[str, object]) -> dict[str, str]:
    return {str(request): str(reason)[:500] for request, reason in value.items()}


def _mark(connection: Connection, location: str) -> float:
    row = connection.execute("SELECT updated_after FROM watch WHERE location = %s", [location]).fetchone()
    return 0.0 if row is None else float(row[0])


def _move_mark(connection: Connection, location: str, mark: float) -> None:
    connection.execute(
        "INSERT INTO watch (location, updated_after) VALUES (%s, %s)"
        " ON CONFLICT (location) DO UPDATE SET updated_after = excluded.updated_after",
        [location, mark],
    )
