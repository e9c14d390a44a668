"""The sensor that runs each approved request once, on the node's own evidence."""

import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from dagster import (
    DefaultSensorStatus,
    RunRequest,
    SensorDefinition,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
)

from lockgate.dagster.cursor import Cursor, read_cursor
from lockgate.dagster.job_types import JobType
from lockgate.dagster.plan import Launch, Plan, plan
from lockgate.dagster.settings import read_settings, read_token, sensor_directory
from lockgate.dagster.survey import Survey
from lockgate.errors import Unavailable
from lockgate.evidence import GitHubReader, Mirror

# Dagster ends a tick after 60 s. A fetch, or one more request begun in the last second, still fits.
FETCH_SECONDS = 30
LOOK_SECONDS = 35
ANSWER_SECONDS = 5


def build_sensor(
    job_types: Iterable[JobType],
    *,
    name: str = "approved_requests",
    work_dir: Path = Path(".lockgate"),
    interval_seconds: int = 2,
) -> SensorDefinition:
    """Build the sensor of a code location.

    Dagster knows what already ran by the request, the sensor's `name` and the code location: renaming
    either of the last two would run everything again. `work_dir` holds a mirror that may be lost.
    """
    loaded = {job_type.name: job_type for job_type in job_types}

    def evaluate(context: SensorEvaluationContext) -> SensorResult | SkipReason:
        try:
            return _result(_tick(context.cursor, loaded, work_dir))
        except Unavailable as unavailable:
            return SkipReason(str(unavailable))

    return SensorDefinition(
        name=name,
        evaluation_fn=evaluate,
        jobs=[job_type.job for job_type in loaded.values()],
        minimum_interval_seconds=interval_seconds,
        default_status=DefaultSensorStatus.RUNNING,
        description="Runs each request that was merged with approval, once.",
    )


def _tick(kept: str | None, loaded: Mapping[str, JobType], work_dir: Path) -> Plan:
    """Fetch main, look as far as time allows, and decide.

    A rewritten main (`HistoryRewritten`) and an unreadable cursor fail the tick: nothing runs until a
    maintainer has looked.
    """
    began = time.monotonic()
    directory = sensor_directory()
    settings = read_settings(directory)
    cursor = read_cursor(kept, since=settings.since)

    def token() -> str:
        return read_token(directory)

    mirror = Mirror(work_dir.resolve() / "mirror.git", settings.github_url, settings.repository, token)
    mirror.fetch(timeout=FETCH_SECONDS)
    reader = GitHubReader(settings.github_url, token, settings.repository, timeout=ANSWER_SECONDS)
    try:
        survey = Survey(mirror, reader, settings, loaded, lambda: time.monotonic() - began < LOOK_SECONDS)
        found, read_up_to = survey.look(cursor)
    finally:
        reader.close()
    return plan(cursor, found, read_up_to=read_up_to, code=os.environ.get("LOCKGATE_CODE_REVISION", ""))


def _result(planned: Plan) -> SensorResult:
    requests = [_run_request(launch) for launch in planned.launches]
    skipped = None if requests else SkipReason(_summary(planned.cursor))
    return SensorResult(run_requests=requests, skip_reason=skipped, cursor=planned.cursor.to_json())


def _run_request(launch: Launch) -> RunRequest:
    return RunRequest(run_key=launch.key, run_config=launch.run_config, tags=launch.tags, job_name=launch.job)


def _summary(cursor: Cursor) -> str:
    return f"Read up to {cursor.sha[:7]}: {len(cursor.waiting)} waiting, {len(cursor.held)} held."
