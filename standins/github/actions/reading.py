"""The reader of workflow files: bytes to a `Workflow`, or `NotUnderstood` with the place in the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standins.github.actions import strict_yaml
from standins.github.actions.jobs_reading import read_jobs
from standins.github.actions.permissions import read_permissions
from standins.github.actions.shapes import a_mapping, known_keys, text_values, texts, words
from standins.github.actions.workflow import DEFAULT_TYPES, NotUnderstood, Trigger, Workflow

RUN_HERE = ("pull_request", "pull_request_target", "push")
# Known and harmless: these never happen on this stand-in, so they start nothing.
NEVER_HERE = ("merge_group", "workflow_dispatch", "schedule")


def read_triggers(data: bytes) -> Mapping[str, Trigger]:
    """What starts the workflow; enough to tell whether an event concerns it at all."""
    document = a_mapping(strict_yaml.load(data), "the file")
    if "on" not in document:
        raise NotUnderstood("the file has no `on`")
    return {name: _trigger(name, options) for name, options in _events(document["on"]).items()}


def read_workflow(data: bytes, path: str) -> Workflow:
    """The whole workflow; raises NotUnderstood for anything that would not run as on GitHub."""
    document = a_mapping(strict_yaml.load(data), "the file")
    known_keys(document, ("name", "run-name", "on", "permissions", "env", "defaults", "jobs"), "the file")
    permissions = read_permissions(document.get("permissions"), "permissions")
    env = text_values(document.get("env"), "env")
    return Workflow(
        path=path,
        name=str(document.get("name") or path),
        triggers=read_triggers(data),
        jobs=read_jobs(document.get("jobs"), permissions, env, document.get("defaults")),
    )


def job_names(data: bytes) -> tuple[str, ...]:
    """The names under which the file's checks would stand, as far as they can be read; may be empty."""
    try:
        jobs = a_mapping(a_mapping(strict_yaml.load(data), "the file").get("jobs"), "jobs")
    except NotUnderstood:
        return ()
    named = [(job_id, job.get("name") if isinstance(job, dict) else None) for job_id, job in jobs.items()]
    return tuple(name if isinstance(name, str) and "${{" not in name else job_id for job_id, name in named)


def _events(on: Any) -> dict[str, Any]:
    if isinstance(on, str):
        return {on: None}
    if isinstance(on, list):
        return dict.fromkeys(texts(on, "on"))
    return a_mapping(on, "on")


def _trigger(event: str, options: Any) -> Trigger:
    if event in NEVER_HERE:
        return Trigger(event)
    if event not in RUN_HERE:
        raise NotUnderstood(f"on: {event}: only {words(RUN_HERE)} are run here")
    place = f"on.{event}"
    given = a_mapping(options or {}, place)
    allowed = ("branches", "branches-ignore") if event == "push" else ("branches", "branches-ignore", "types")
    known_keys(given, allowed, place)
    return Trigger(
        event,
        branches=_patterns(given.get("branches"), f"{place}.branches"),
        branches_ignore=_patterns(given.get("branches-ignore"), f"{place}.branches-ignore"),
        types=texts(given["types"], f"{place}.types") if "types" in given else DEFAULT_TYPES,
    )


def _patterns(value: Any, place: str) -> tuple[str, ...]:
    patterns = texts(value, place) if value is not None else ()
    for pattern in patterns:
        if set(pattern) & set("!?+[]"):
            raise NotUnderstood(f"{place}: the pattern {pattern!r}: only names, * and ** are known")
    return patterns
