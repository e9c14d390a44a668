"""`jobs/<id>.yaml`: what a researcher asks a node to run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from lockgate.formats.canonical import dump
from lockgate.formats.loader import Document
from lockgate.formats.names import is_parameter_name, request_id_problem
from lockgate.formats.problems import JSON, FormatError, Problem
from lockgate.formats.schema import read_shape


@dataclass(frozen=True)
class Account:
    """A person on GitHub: `id` decides, `login` is for display."""

    id: int
    login: str


@dataclass(frozen=True)
class OutputChoice:
    """One output that the request asks for, and how it is to be kept from disclosing."""

    controls: str


@dataclass(frozen=True)
class JobRequest:
    """A job request; `outputs` by name, `repeats` and `depends_on` hold ids of other requests."""

    version: int
    id: str
    job: str
    title: str
    purpose: str
    requested_by: Account
    nodes: tuple[str, ...]
    parameters: Mapping[str, JSON]
    outputs: Mapping[str, OutputChoice]
    repeats: str | None
    depends_on: tuple[str, ...]


def read_job_request(data: bytes, source: str) -> JobRequest:
    """Read a job request; raises FormatError with every problem found."""
    value, document = read_shape("job_request", data, source)
    problems = [Problem(source, line, reason) for line, reason in _problems(value, document)]
    if problems:
        raise FormatError(problems)
    return JobRequest(
        version=value["version"],
        id=value["id"],
        job=value["job"],
        title=value["title"],
        purpose=value["purpose"],
        requested_by=Account(**value["requested_by"]),
        nodes=tuple(value["nodes"]),
        parameters=value["parameters"],
        outputs={name: OutputChoice(**choice) for name, choice in value["outputs"].items()},
        repeats=value["repeats"],
        depends_on=tuple(value["depends_on"]),
    )


def write_job_request(request: JobRequest) -> bytes:
    """Return the canonical file of `request`; raises FormatError where reading it back would."""
    value = asdict(request)
    for key in ("nodes", "depends_on"):
        value[key] = list(value[key])
    data = dump(value)
    read_job_request(data, f"jobs/{request.id}.yaml")
    return data


def _problems(value: dict[str, Any], document: Document) -> Iterator[tuple[int | None, str]]:
    bad_id = request_id_problem(value["id"])
    if bad_id:
        yield document.line(("id",)), bad_id
    for name, given in value["parameters"].items():
        line = document.line(("parameters", name))
        if not is_parameter_name(name):
            yield line, f"`parameters.{name}` is a word that Python keeps for itself"
        if any(_has_control(text) for text in _texts(given)):
            yield line, f"`parameters.{name}` holds a control character"
    others = [("depends_on", other) for other in value["depends_on"]] + [("repeats", value["repeats"])]
    for key, other in others:
        if other == value["id"]:
            yield document.line((key,)), f"`{key}` names the request itself"


def _texts(value: JSON) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for entry in value:
            yield from _texts(entry)
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield key
            yield from _texts(entry)


def _has_control(text: str) -> bool:
    return any((letter < " " and letter not in "\n\t") or "\x7f" <= letter <= "\x9f" for letter in text)
