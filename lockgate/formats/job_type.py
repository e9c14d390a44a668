"""`job_types/<job>.json`: the parameters and outputs of a job, as JSON Schema 2020-12."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from lockgate.formats.loader import Document
from lockgate.formats.names import is_name, is_parameter_name
from lockgate.formats.problems import JSON, FormatError, Problem
from lockgate.formats.schema import compile_pattern, read_shape, validator
from lockgate.formats.wording import quoted, reason


@dataclass(frozen=True)
class OutputDeclaration:
    """An output that the job can write; `kind` is file or directory."""

    name: str
    kind: str
    media_type: str
    description: str


@dataclass(frozen=True)
class JobType:
    """A job type; `schema` is the JSON Schema of its parameters as it stands in the file."""

    name: str
    title: str
    description: str
    schema: Mapping[str, Any]
    outputs: tuple[OutputDeclaration, ...]


@dataclass(frozen=True)
class ParameterProblem:
    """Why a parameter is refused: `name` is empty where no single one is to blame."""

    name: str
    reason: str


def read_job_type(data: bytes, source: str) -> JobType:
    """Read a job type, named by its file; raises FormatError with every problem found."""
    value, document = read_shape("job_type", data, source)
    name = PurePosixPath(source).name.removesuffix(".json")
    problems = [Problem(source, line, words) for line, words in _problems(name, value, document)]
    if problems:
        raise FormatError(problems)
    outputs = tuple(OutputDeclaration(**output) for output in value["x-outputs"])
    return JobType(name, value["title"], value["description"], value, outputs)


def check_parameters(job_type: JobType, parameters: Mapping[str, JSON]) -> tuple[ParameterProblem, ...]:
    """Return why `parameters` are refused by `job_type`; empty where they are accepted."""
    found: list[ParameterProblem] = []
    for error in validator(job_type.schema).iter_errors(dict(parameters)):
        if error.validator == "required":
            missing = [name for name in error.validator_value if name not in parameters]
            found += [ParameterProblem(name, "is missing") for name in missing]
        elif error.validator == "additionalProperties":
            extra = [name for name in parameters if name not in job_type.schema["properties"]]
            found += [ParameterProblem(name, "is no parameter of this job") for name in extra]
        else:
            found.append(ParameterProblem(str(error.absolute_path[0]), _where(error) + reason(error)))
    return tuple(dict.fromkeys(found))


def _where(error: Any) -> str:
    rest = [part for part in list(error.absolute_path)[1:] if isinstance(part, int)]
    return f"entry {rest[0] + 1} " if rest else ""


def _problems(name: str, value: dict[str, Any], document: Document) -> Iterator[tuple[int | None, str]]:
    if not is_name(name):
        yield None, "the file must be named after a job: a small letter, then a-z, 0-9 and _"
    outputs = [output["name"] for output in value["x-outputs"]]
    if len(set(outputs)) < len(outputs):
        yield document.line(("x-outputs",)), "an output is declared twice"
    for parameter in value.get("required", []):
        if parameter not in value["properties"]:
            yield document.line(("required",)), f"`required` names `{parameter}`, which is no parameter"
    for parameter, schema in value["properties"].items():
        line = document.line(("properties", parameter))
        for words in _parameter_problems(parameter, schema):
            yield line, f"{quoted(parameter)} {words}"


def _parameter_problems(name: str, schema: dict[str, Any]) -> Iterator[str]:
    if not is_parameter_name(name):
        yield "is a word that Python keeps for itself"
    if (schema["type"] == "array") != ("items" in schema):
        yield "needs `items` exactly where its type is array"
    for pattern in (schema.get("pattern"), schema.get("items", {}).get("pattern")):
        try:
            compile_pattern(pattern or "")
        except re.error:
            yield "has a pattern that cannot be read"
            return
    if "default" in schema and not validator(schema).is_valid(schema["default"]):
        yield "has a default that its own schema refuses"
