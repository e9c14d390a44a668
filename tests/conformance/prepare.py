"""`python -m tests.conformance.prepare`: GitHub's descriptions in a form of which a test reads little.

Source: the npm packages `@octokit/openapi` (REST, OpenAPI 3.0, the newest API version as patches in
`x-github-breaking-changes`) and `@octokit/openapi-webhooks` (OpenAPI 3.1). Both become JSON Schema 2020-12
in one SQLite file of texts, by description and name.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ROOT / "node_modules" / "@octokit"
PREPARED = ROOT / "var" / "descriptions.sqlite3"
VERSION = "2026-03-10"
COMPOSITIONS = ("allOf", "anyOf", "oneOf")

JSON = Any


def main() -> None:
    rest = json.loads((PACKAGES / "openapi" / "generated" / "api.github.com.json").read_text())
    hooks = json.loads((PACKAGES / "openapi-webhooks" / "generated" / "api.github.com.json").read_text())
    texts = [*_texts("rest", newest(rest), "paths"), *_texts("webhooks", hooks, "webhooks")]
    texts += [("servers", name, "{}") for name in operations_of_servers()]
    draft = PREPARED.with_suffix(".new")
    draft.parent.mkdir(exist_ok=True)
    draft.unlink(missing_ok=True)
    with sqlite3.connect(draft) as database:
        database.execute(
            "CREATE TABLE texts (description TEXT, name TEXT, text TEXT, PRIMARY KEY (description, name))"
        )
        database.executemany("INSERT INTO texts VALUES (?, ?, ?)", texts)
    database.close()
    draft.replace(PREPARED)


def operations_of_servers() -> Iterator[str]:
    """What the oldest Enterprise Server described can be asked for, as `METHOD /path`."""
    oldest = min((PACKAGES / "openapi" / "generated").glob("ghes-*[0-9].json"), key=_number_of)
    for path, methods in json.loads(oldest.read_text())["paths"].items():
        yield from (f"{method.upper()} {path}" for method in methods)


def _number_of(path: Path) -> list[int]:
    return [int(part) for part in path.stem.removeprefix("ghes-").split(".")]


def newest(description: JSON) -> JSON:
    """The description as of `VERSION`: each entry with the changes of that and earlier versions made."""
    entries = [*description["paths"].values(), *description["components"].values()]
    for entry in entries:
        for name, thing in entry.items():
            for change in thing.pop("x-github-breaking-changes", ()) if isinstance(thing, dict) else ():
                if change["version"] <= VERSION:
                    thing = entry[name] = patched(thing, change["patch"])
    return description


def patched(thing: JSON, patch: JSON) -> JSON:
    """After a JSON Patch (RFC 6902, as far as GitHub uses it) or else a merge patch (RFC 7396)."""
    if not isinstance(patch, list):
        return _merged(thing, patch)
    for step in patch:
        *folders, last = (part.replace("~1", "/").replace("~0", "~") for part in step["path"].split("/")[1:])
        place = thing
        for folder in folders:
            place = place[_key(place, folder)]
        match step["op"]:
            case "remove":
                del place[_key(place, last)]
            case "replace":
                place[_key(place, last)] = step["value"]
            case other:
                raise ValueError(f"GitHub's description is patched by {other}, which is not known here")
    return thing


def _key(place: JSON, name: str) -> str | int:
    return int(name) if isinstance(place, list) else name


def _merged(thing: JSON, patch: JSON) -> JSON:
    if not isinstance(patch, dict):
        return patch
    merged = dict(thing) if isinstance(thing, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merged(merged.get(name), value)
    return merged


def _texts(kind: str, description: JSON, entries: str) -> Iterator[tuple[str, str, str]]:
    """Each operation or webhook by `METHOD /path` or name, and each component by its pointer."""
    components = {
        f"#/components/{folder}/{name}": component
        for folder, content in description["components"].items()
        if folder != "examples"
        for name, component in content.items()
    }
    _close(components, description[entries])
    for pointer, component in components.items():
        yield kind, pointer, json.dumps(_as_json_schema(component))
    for path, methods in description[entries].items():
        for method, operation in methods.items():
            name = f"{method.upper()} {path}" if entries == "paths" else path
            yield kind, name, json.dumps(_as_json_schema(operation))


def _close(components: dict[str, JSON], operations: JSON) -> None:
    """Let no object have other properties than those described.

    Of a schema that is composed of several the parts stay open, and the whole is closed; a component that is
    such a part somewhere has an open twin for that.
    """
    schemas = list(_schemas([*components.values(), operations]))
    left_open = set()
    for part in (part for each in schemas if _is_composed(each) for part in _parts(each)):
        if "$ref" in part:
            twin = f"{part['$ref']}-open"
            components.setdefault(twin, dict(components[part["$ref"]]))
            part["$ref"] = twin
        left_open.add(id(part))
    for each in schemas:
        if id(each) not in left_open and _is_composed(each):
            each.setdefault("unevaluatedProperties", False)
        elif id(each) not in left_open and isinstance(each.get("properties"), dict):
            each.setdefault("additionalProperties", False)


def _parts(schema: JSON) -> list[JSON]:
    return [part for word in COMPOSITIONS for part in schema.get(word, ())]


def _is_composed(schema: JSON) -> bool:
    return "allOf" in schema or ("properties" in schema and ("anyOf" in schema or "oneOf" in schema))


def _schemas(node: JSON) -> Iterator[dict[str, JSON]]:
    if isinstance(node, dict):
        yield node
        node = [value for key, value in node.items() if key not in ("example", "examples", "default")]
    if isinstance(node, list):
        for value in node:
            yield from _schemas(value)


def _as_json_schema(node: JSON) -> JSON:
    """OpenAPI 3.0's `nullable` in JSON Schema's words.

    Examples are left out, and what should be exactly one of several may be more: GitHub's overlap.
    """
    if isinstance(node, list):
        return [_as_json_schema(value) for value in node]
    if not isinstance(node, dict):
        return node
    named = {"anyOf" if key == "oneOf" else key: value for key, value in node.items() if key != "examples"}
    found = {key: _as_json_schema(value) for key, value in named.items()}
    if found.get("nullable") is not True:
        return found
    del found["nullable"]
    if not isinstance(found.get("type"), str):
        return {"anyOf": [{"type": "null"}, found]}
    if "enum" in found:
        found["enum"] = [*found["enum"], None]
    return {**found, "type": [found["type"], "null"]}


if __name__ == "__main__":
    main()
