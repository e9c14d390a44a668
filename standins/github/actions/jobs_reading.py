"""The `jobs` of a workflow file, read strictly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from standins.github.actions import expressions
from standins.github.actions.permissions import read_permissions
from standins.github.actions.shapes import a_mapping, known_keys, minutes, text, text_values, texts, words
from standins.github.actions.uses import check_uses
from standins.github.actions.workflow import Job, NotUnderstood, Step

# What GITHUB_TOKEN may do where a file has no `permissions`: the restricted default of organisations.
DEFAULT_PERMISSIONS = {"contents": "read"}

_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_JOB_KEYS = (
    "name", "runs-on", "needs", "if", "permissions", "env", "defaults", "timeout-minutes", "steps",
)  # fmt: skip
_STEP_KEYS = (
    "name", "id", "if", "run", "uses", "with", "env", "working-directory", "shell", "timeout-minutes",
)  # fmt: skip


def read_jobs(
    value: Any, permissions: Mapping[str, str] | None, env: Mapping[str, str], defaults: Any
) -> tuple[Job, ...]:
    """All jobs, those that others need first."""
    given = a_mapping(value, "jobs")
    directory = _default_directory(defaults, "defaults")
    default = DEFAULT_PERMISSIONS if permissions is None else permissions
    jobs = {job_id: _job(job_id, job, default, env, directory) for job_id, job in given.items()}
    for job in jobs.values():
        unknown = set(job.needs) - set(jobs)
        if unknown:
            raise NotUnderstood(f"jobs.{job.id}.needs: there is no job {words(sorted(unknown))}")
    try:
        order = TopologicalSorter({job.id: job.needs for job in jobs.values()}).static_order()
        return tuple(jobs[job_id] for job_id in order)
    except CycleError as error:
        raise NotUnderstood("jobs: some need each other") from error


def _job(
    job_id: str, value: Any, permissions: Mapping[str, str], env: Mapping[str, str], directory: str
) -> Job:
    place = f"jobs.{job_id}"
    given = a_mapping(value, place)
    known_keys(given, _JOB_KEYS, place)
    if not _ID.fullmatch(job_id):
        raise NotUnderstood(f"{place}: no name for a job")
    _check_runner(given.get("runs-on"), f"{place}.runs-on")
    own = read_permissions(given.get("permissions"), f"{place}.permissions")
    return Job(
        id=job_id,
        name=_plain(given.get("name", job_id), f"{place}.name"),
        needs=texts(given.get("needs", []), f"{place}.needs"),
        condition=_condition(given, place),
        permissions=permissions if own is None else own,
        env={**env, **text_values(given.get("env"), f"{place}.env")},
        timeout_minutes=minutes(
            given.get("timeout-minutes", Job.timeout_minutes), f"{place}.timeout-minutes"
        ),
        steps=_steps(
            given.get("steps"),
            f"{place}.steps",
            _default_directory(given.get("defaults"), place) or directory,
        ),
    )


def _steps(value: Any, place: str, directory: str) -> tuple[Step, ...]:
    if not isinstance(value, list) or not value:
        raise NotUnderstood(f"{place}: expected a list of steps")
    steps = tuple(_step(n, item, f"{place}[{n}]", directory) for n, item in enumerate(value, start=1))
    ids = [step.id for step in steps if step.id]
    if len(ids) != len(set(ids)):
        raise NotUnderstood(f"{place}: an id stands twice")
    return steps


def _step(number: int, value: Any, place: str, directory: str) -> Step:
    given = a_mapping(value, place)
    known_keys(given, _STEP_KEYS, place)
    if ("run" in given) == ("uses" in given):
        raise NotUnderstood(f"{place}: expected either run or uses")
    _check_shell(given.get("shell", "bash"), place)
    inputs = text_values(given.get("with"), f"{place}.with")
    uses = check_uses(given["uses"], inputs, place) if "uses" in given else None
    run = text(given["run"], f"{place}.run") if "run" in given else None
    return Step(
        number=number,
        name=text(given.get("name", uses or f"Run {(run or '').splitlines()[0]}"), f"{place}.name"),
        id=_step_id(given.get("id", ""), place),
        condition=_condition(given, place),
        run=run,
        uses=uses,
        inputs=inputs,
        env=text_values(given.get("env"), f"{place}.env"),
        working_directory=text(given.get("working-directory", directory), f"{place}.working-directory"),
        timeout_minutes=_optional_minutes(given, place),
    )


def _plain(value: Any, place: str) -> str:
    if "${{" in text(value, place):
        raise NotUnderstood(f"{place}: expressions in the name of a check are not known here")
    return str(value)


def _condition(given: Mapping[str, Any], place: str) -> str:
    value = given.get("if", "success()")
    if not isinstance(value, str):
        raise NotUnderstood(f"{place}.if: only always(), success() and failure() are known")
    try:
        return expressions.read_condition(value)
    except NotUnderstood as error:
        raise NotUnderstood(f"{place}.if: {error}") from error


def _optional_minutes(given: Mapping[str, Any], place: str) -> float | None:
    value = given.get("timeout-minutes")
    return None if value is None else minutes(value, f"{place}.timeout-minutes")


def _step_id(value: Any, place: str) -> str:
    if not isinstance(value, str) or (value and not _ID.fullmatch(value)):
        raise NotUnderstood(f"{place}.id: no name for a step")
    return value


def _check_runner(value: Any, place: str) -> None:
    if not isinstance(value, str) or not re.fullmatch(r"ubuntu-(latest|\d\d\.\d\d)", value):
        raise NotUnderstood(f"{place}: only an ubuntu runner is known")


def _check_shell(value: Any, place: str) -> None:
    if value != "bash":
        raise NotUnderstood(f"{place}.shell: only bash is known")


def _default_directory(defaults: Any, place: str) -> str:
    given = a_mapping(defaults or {}, place)
    known_keys(given, ("run",), place)
    run = a_mapping(given.get("run") or {}, f"{place}.run")
    known_keys(run, ("shell", "working-directory"), f"{place}.run")
    _check_shell(run.get("shell", "bash"), f"{place}.run")
    return text(run.get("working-directory", ""), f"{place}.run.working-directory")
