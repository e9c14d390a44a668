"""The rows of runs: what Dagster told, kept so that the portal can be told again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import LiteralString

from psycopg.rows import class_row

from lockgate.messages import RunReport
from lockgate.node.dagster import Failure, Run
from lockgate.node.database import Connection

REQUEST = "lockgate/request"
BLOB = "lockgate/blob"
MERGE = "lockgate/merge"
CODE = "lockgate/code"
RUN_KEY = "dagster/run_key"
REPORTED = 500


@dataclass(frozen=True)
class RunRow:
    """A run that names a request; times in seconds since 1970."""

    id: str
    project: str
    request: str
    blob: str
    merge: str
    code: str
    run_key: str
    root: str
    status: str
    created: float
    started: float | None
    finished: float | None
    failed_step: str | None = None
    error_class: str | None = None

    @property
    def is_of_the_sensor(self) -> bool:
        """Whether it bears the key that the sensor gives to this request at this blob."""
        return self.run_key == f"{self.request}@{self.blob}" and bool(self.blob)


def row_of(run: Run, projects: Mapping[str, str]) -> RunRow | None:
    """The row of a run that names a request; None for any other. `projects` by code location."""
    project = projects.get(run.location)
    if project is None or REQUEST not in run.tags:
        return None
    return RunRow(
        id=run.id,
        project=project,
        request=run.tags[REQUEST],
        blob=run.tags.get(BLOB, ""),
        merge=run.tags.get(MERGE, ""),
        code=run.tags.get(CODE, ""),
        run_key=run.tags.get(RUN_KEY, ""),
        root=run.root,
        status=run.status,
        created=run.created,
        started=run.started,
        finished=run.finished,
    )


def save(connection: Connection, run: RunRow, failure: Failure | None) -> None:
    values = dict(vars(run))
    if failure is not None:
        values |= {"failed_step": failure.step, "error_class": failure.error_class}
    connection.execute(_SAVE, values)


def find(connection: Connection, run: str) -> RunRow | None:
    with connection.cursor(row_factory=class_row(RunRow)) as cursor:
        return cursor.execute(_RUN + "id = %s", [run]).fetchone()


def reports(connection: Connection, project: str) -> tuple[RunReport, ...]:
    """The newest runs of a project that bear the sensor's key, newest first."""
    with connection.cursor(row_factory=class_row(RunRow)) as cursor:
        rows = cursor.execute(
            _RUN + "project = %s ORDER BY created DESC, id LIMIT %s", [project, REPORTED]
        ).fetchall()
    return tuple(_report(row) for row in rows if row.is_of_the_sensor)


def _report(run: RunRow) -> RunReport:
    return RunReport(
        request=run.request,
        run=run.id,
        root_run=run.root,
        status=run.status,
        started=_time(run.started),
        finished=_time(run.finished),
        failed_step=run.failed_step,
        error_class=run.error_class,
    )


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


_RUN: LiteralString = """
SELECT id, project, request, blob, merge, code, run_key, root, status, created, started, finished,
       failed_step, error_class
FROM run WHERE """
_SAVE = """
INSERT INTO run (id, project, request, blob, merge, code, run_key, root, status, created, started, finished,
                 failed_step, error_class)
VALUES (%(id)s, %(project)s, %(request)s, %(blob)s, %(merge)s, %(code)s, %(run_key)s, %(root)s, %(status)s,
        %(created)s, %(started)s, %(finished)s, %(failed_step)s, %(error_class)s)
ON CONFLICT (id) DO UPDATE SET status = excluded.status, started = excluded.started,
    finished = excluded.finished,
    failed_step = coalesce(excluded.failed_step, run.failed_step),
    error_class = coalesce(excluded.error_class, run.error_class)
"""
