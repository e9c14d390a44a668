"""GitHub's descriptions, prepared and read piece by piece: only what is asked for is parsed and compiled."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs
from graphql import GraphQLSchema, build_schema

from tests.conformance.prepare import PACKAGES, PREPARED

# Where a parameter may hold slashes: names of branches and files.
_DEEP = ("path", "ref", "branch", "basehead")
_REFERENCE = re.compile(r'"\$ref": "(#/[^"]+)"')


class Description:
    """One of the descriptions: `rest`, `servers` or `webhooks`."""

    def __init__(self, kind: str) -> None:
        if not PREPARED.exists():
            raise FileNotFoundError("GitHub's descriptions are not prepared here: run `make setup`.")
        self._kind = kind
        self._database = sqlite3.connect(f"file:{PREPARED}?mode=ro", uri=True, check_same_thread=False)
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

    @cache  # noqa: B019 - there are three of these in a process, for ever
    def thing_named(self, name: str) -> Any:
        text = self.text(name)
        return None if text is None else json.loads(text)

    def text(self, name: str) -> str | None:
        row = self._database.execute(
            "SELECT text FROM texts WHERE description = ? AND name = ?", (self._kind, name)
        ).fetchone()
        return None if row is None else str(row[0])

    def thing(self, value: Any) -> Any:
        """What stands there, or what it refers to."""
        if isinstance(value, dict) and "$ref" in value:
            return self.thing_named(value["$ref"])
        return value

    def names(self) -> list[str]:
        rows = self._database.execute("SELECT name FROM texts WHERE description = ?", (self._kind,))
        return [str(name) for (name,) in rows]

    def errors(self, schema: Any, value: Any) -> Iterator[jsonschema_rs.ValidationError]:
        """In what a value differs from a schema of this description."""
        text = json.dumps(schema)
        if text not in self._validators:
            whole = {**schema, "components": self._components(text)}
            self._validators[text] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        yield from self._validators[text].iter_errors(value)

    def _components(self, text: str) -> dict[str, Any]:
        """Everything that a schema refers to, directly or through others."""
        components: dict[str, Any] = {}
        waiting = set(_REFERENCE.findall(text))
        while waiting:
            pointer = waiting.pop()
            _, _, folder, name = pointer.split("/")
            if name in components.setdefault(folder, {}):
                continue
            found = self.text(pointer) or "{}"
            components[folder][name] = json.loads(found)
            waiting |= set(_REFERENCE.findall(found))
        return components


@cache
def rest() -> Description:
    return Description("rest")


@cache
def servers() -> Description:
    """Of the oldest Enterprise Server that is described: names of operations alone."""
    return Description("servers")


@cache
def webhooks() -> Description:
    return Description("webhooks")


@cache
def graphql() -> GraphQLSchema:
    text = (PACKAGES / "graphql-schema" / "schema.graphql").read_text()
    return build_schema(text, assume_valid=True, no_location=True)


@cache
def operation_at(method: str, path: str) -> str | None:
    """The name of the operation, `GET /repos/{owner}/{repo}`, that a path below the API's root belongs to."""
    return next((name for name, pattern in _patterns(method) if pattern.fullmatch(path)), None)


@cache
def _patterns(method: str) -> list[tuple[str, re.Pattern[str]]]:
    """The most literal first, so that `/user/teams` is no `/user/{account_id}`."""
    names = [name for name in rest().names() if name.startswith(f"{method} ")]
    names.sort(key=lambda name: (name.count("{"), -len(re.sub(r"\{\w+\}", "", name))))
    return [(name, _pattern(name.partition(" ")[2])) for name in names]


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    found = [re.escape(parts[0])]
    for name, literal in zip(parts[1::2], parts[2::2], strict=True):
        found += [".*" if name == "path" else ".+" if name in _DEEP else "[^/]+", re.escape(literal)]
    return re.compile("".join(found))
