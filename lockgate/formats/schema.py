"""JSON Schema as Lockgate reads it: nothing fetched, whole numbers stay whole, `$` is the very end."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry

from lockgate import canonical_json
from lockgate.errors import Invalid
from lockgate.formats.loader import Document, Place, load_document
from lockgate.formats.problems import FormatError, Problem
from lockgate.formats.wording import quoted, reason


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Return a JSON Schema pattern as Python's: a closing `$` is the very end, no newline may follow."""
    if pattern.endswith("$") and not pattern.endswith(r"\$"):
        pattern = pattern[:-1] + r"\Z"
    return re.compile(pattern, re.ASCII)


def _pattern(_validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not compile_pattern(pattern).search(instance):
        yield ValidationError("pattern")


def _is_whole(_checker: Any, instance: Any) -> bool:
    return isinstance(instance, int) and not isinstance(instance, bool)


_Strict: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    validators={"pattern": _pattern},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_whole),
)


def validator(schema: Mapping[str, Any]) -> Any:
    """Return a validator that never fetches a reference from elsewhere."""
    return _Strict(schema, format_checker=FormatChecker(), registry=Registry())


@cache
def _shape(name: str) -> Any:
    text = files("lockgate.formats").joinpath("schemas", f"{name}.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    Draft202012Validator.check_schema(schema)
    return validator(schema)


def read_shape(name: str, data: bytes, source: str) -> tuple[dict[str, Any], Document]:
    """Load `data` and hold it against `schemas/<name>.json`; raises FormatError with every problem found."""
    document = load_document(data, source)
    return _checked(name, document, source), document


def read_json_shape(name: str, data: bytes, source: str) -> dict[str, Any]:
    """The same for a file that is JSON and never YAML: problems name no line."""
    try:
        value = canonical_json.loads(data)
    except Invalid as error:
        raise FormatError([Problem(source, None, error.what.rstrip("."))]) from error
    return _checked(name, Document(value, {}, frozenset()), source)


def _checked(name: str, document: Document, source: str) -> dict[str, Any]:
    problems = [
        Problem(source, line, words)
        for error in _shape(name).iter_errors(document.value)
        for line, words in _explain(error, document)
    ]
    if problems:
        raise FormatError(sorted(problems, key=lambda problem: (problem.line or 0, problem.reason)))
    if not isinstance(document.value, dict):
        raise FormatError([Problem(source, None, "the file must be a mapping")])
    return document.value


def _explain(error: ValidationError, document: Document) -> Iterator[tuple[int | None, str]]:
    place = _place(error)
    if error.validator != "additionalProperties" or error.validator_value is not False:
        yield document.line(place), sentence(error)
        return
    schema: Any = error.schema
    instance: Any = error.instance
    for key in instance:
        if key not in schema.get("properties", {}):
            yield document.line((*place, key)), f"{quoted(key)} is no key that is known here"


def sentence(error: ValidationError) -> str:
    """Return an error with the place it speaks of."""
    place = _place(error)
    subject = "the file" if not place else f"`{_dotted(place)}`"
    if "propertyNames" in error.absolute_schema_path:
        return f"{subject} has a key that is refused: it {reason(error)}"
    return f"{subject} {reason(error)}"


def _place(error: ValidationError) -> Place:
    return tuple(error.absolute_path)


def _dotted(place: Place) -> str:
    return ".".join(quoted(part).strip("`") for part in place)
