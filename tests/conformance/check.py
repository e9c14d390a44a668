"""What the local GitHub said, held against GitHub's descriptions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

import jsonschema_rs
from graphql import GraphQLError, parse, validate

from lockgate.github import USER_AGENT
from tests.conformance.descriptions import Description, graphql, operation_at, rest, servers, webhooks
from tests.conformance.prepare import VERSION

ROOT = "/api/v3"
REFUSAL = {
    "anyOf": [
        {"$ref": f"#/components/schemas/{name}"}
        for name in ("validation-error-simple", "validation-error", "basic-error")
    ]
}
REFUSED = 400

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Violation:
    """`where` is `operation`, `status`, `content`, `query.NAME`, or a path into a body: `answered[].id`."""

    operation: str
    status: str
    where: str
    message: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.operation, self.status, self.where

    def __str__(self) -> str:
        return f"{self.operation}  {self.status}  {self.where}  {self.message}"


def violations(record: Record) -> Iterator[Violation]:
    """Of one line that the local GitHub wrote down."""
    if "crash" in record:
        *_, last = record["error"].splitlines()
        yield Violation(f"crash of {record['crash']}", "", last, record["error"])
    elif "document" in record:
        wrong = _mistakes(record["document"])
        yield from (Violation("POST /graphql", "", "document", str(mistake)) for mistake in wrong)
    else:
        yield from _of_webhook(record) if "event" in record else _of_exchange(record)


@cache
def _mistakes(document: str) -> list[GraphQLError]:
    """The same few are asked again and again, by each local GitHub anew."""
    return validate(graphql(), parse(document))


def _of_webhook(record: Record) -> Iterator[Violation]:
    payload = json.loads(record["payload"])
    event, action = record["event"], payload.get("action")
    name = "-".join(word.replace("_", "-") for word in (event, action) if word)
    described = webhooks().thing_named(name)
    if described is None:
        yield Violation(f"webhook {name}", "", "operation", "is not described")
        return
    schema = described["requestBody"]["content"]["application/json"]["schema"]
    yield from _differences(webhooks(), schema, payload, (f"webhook {name}", "", "payload"))


def _of_exchange(record: Record) -> Iterator[Violation]:
    status, path = str(record["status"]), record["path"].removeprefix(ROOT)
    name = operation_at(record["method"], path)
    if name is None:
        yield Violation(f"{record['method']} {path}", status, "operation", "is not described")
        return
    if record["agent"] == USER_AGENT:
        yield from _of_client(record, (name, status, "version"))
    operation = rest().thing_named(name)
    if record["status"] < REFUSED:
        yield from _of_query(record, operation, (name, status, "query"))
        yield from _of_request(record, operation, (name, status, "asked"))
    described = rest().thing(operation["responses"].get(status))
    if described is None:
        yield Violation(name, status, "status", "is not described")
        described = (
            {"content": {"application/json": {"schema": REFUSAL}}} if record["status"] >= REFUSED else {}
        )
    yield from _of_answer(record, described, (name, status, "answered"))


Place = tuple[str, str, str]


def _of_client(record: Record, place: Place) -> Iterator[Violation]:
    """Lockgate says in which version it asks, and asks for nothing that Enterprise Server does not have."""
    if record["version"] != VERSION:
        yield Violation(*place, f"is {record['version'] or 'not said'}")
    if servers().text(place[0]) is None:
        yield Violation(*place[:2], "operation", "is none of Enterprise Server")


def _of_query(record: Record, operation: Any, place: Place) -> Iterator[Violation]:
    """What a client asks for must be something that GitHub knows; it ignores the rest in silence."""
    parameters = [rest().thing(parameter) for parameter in operation.get("parameters", ())]
    known = {each["name"]: each["schema"] for each in parameters if each["in"] == "query"}
    for name, text in parse_qsl(record["query"], keep_blank_values=True):
        if name not in known:
            yield Violation(*place[:2], f"query.{name}", "is not described")
            continue
        value = text if rest().thing(known[name]).get("type") == "string" else _plain(text)
        yield from _differences(rest(), known[name], value, (*place[:2], f"query.{name}"))


def _of_request(record: Record, operation: Any, place: Place) -> Iterator[Violation]:
    described = rest().thing(operation.get("requestBody", {}))
    asked = json.loads(record["asked"]) if record["asked"] else None
    schema = described.get("content", {}).get("application/json", {}).get("schema")
    if asked is None:
        if described.get("required"):
            yield Violation(*place, "is missing")
    elif schema is None:
        yield Violation(*place, "is not described")
    else:
        yield from _differences(rest(), schema, asked, place)


def _of_answer(record: Record, described: Any, place: Place) -> Iterator[Violation]:
    content, media = described.get("content", {}), record["type"].partition(";")[0]
    if not record["answered"]:
        if content:
            yield Violation(*place[:2], "content", "is missing")
    elif media == "application/json":
        if not content:
            yield Violation(*place[:2], "content", "is not described")
        schema = content.get(media, {"schema": REFUSAL})["schema"]
        yield from _differences(rest(), schema, json.loads(record["answered"]), place)
    elif not _is_asked_for(media, record["accept"]):
        yield Violation(*place[:2], "content", f"is of the type {media}")


def _is_asked_for(media: str, accept: str) -> bool:
    """Diffs, patches and raw files are described in words only."""
    return media.startswith("application/vnd.github.") and media.rpartition(".")[2] in accept


def _differences(description: Description, schema: Any, value: Any, place: Place) -> Iterator[Violation]:
    for error in description.errors(schema, value):
        for one in _innermost(error):
            where = place[2] + "".join(_step(step) for step in one.instance_path)
            for name in _unexpected(one):
                yield Violation(*place[:2], f"{where}.{name}", "is not described")
            if not _unexpected(one):
                yield Violation(*place[:2], where, one.message[:160])


def _innermost(error: jsonschema_rs.ValidationError) -> Iterator[jsonschema_rs.ValidationError]:
    """Of alternatives none of which fits, what is wrong with the one that fits best."""
    branches = [branch for branch in getattr(error.kind, "context", ()) if branch]
    if not branches:
        yield error
        return
    for inner in min(branches, key=lambda errors: sum(map(_distance, errors))):
        yield from _innermost(inner)


def _distance(error: jsonschema_rs.ValidationError) -> int:
    """How far something is from what it should be: of another kind altogether is furthest."""
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Type):
        return 100
    return max(1, len(_unexpected(error)))


def _unexpected(error: jsonschema_rs.ValidationError) -> list[str]:
    """Names of properties that are not described; empty where the error is another."""
    return list(getattr(error.kind, "unexpected", ()))


def _step(step: str | int) -> str:
    return "[]" if isinstance(step, int) else f".{step}"


def _plain(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
