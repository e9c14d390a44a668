"""Errors of JSON Schema in plain words.

Nothing of the instance is quoted but keys that look like names, so that no reason can carry a value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from jsonschema.exceptions import ValidationError

_SAFE_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}", re.ASCII)
_TYPES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}
_FORMATS = {
    "date": "a day as YYYY-MM-DD",
    "date-time": "a time as YYYY-MM-DDTHH:MM:SSZ",
    "time": "a time of day as HH:MM:SS",
    "email": "a mail address",
    "uri": "a web address",
}


def quoted(key: object) -> str:
    """Return a key in backticks where it looks like a name, else a neutral word."""
    text = str(key)
    return f"`{text}`" if isinstance(key, int) or _SAFE_KEY.fullmatch(text) else "a key"


def reason(error: ValidationError) -> str:
    """Return why the value was refused, as the end of a sentence that begins with its name."""
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    if "x-reason" in schema and error.validator in ("pattern", "format", "maxLength", "minLength", "type"):
        return str(schema["x-reason"])
    words = _WORDS.get(str(error.validator))
    return words(error.validator_value, error.instance, schema) if words else "is not as the schema says"


def _type(value: Any, _instance: Any, _schema: Mapping[str, Any]) -> str:
    names = [value] if isinstance(value, str) else list(value)
    return "must be " + " or ".join(_TYPES.get(str(name), str(name)) for name in names)


def _required(value: Any, instance: Any, _schema: Mapping[str, Any]) -> str:
    missing = [key for key in value if key not in instance]
    return f"lacks {' and '.join(f'`{key}`' for key in missing)}"


def _enum(value: Any, _instance: Any, _schema: Mapping[str, Any]) -> str:
    return "must be one of " + ", ".join(str(choice) for choice in value)


_WORDS: dict[str, Callable[[Any, Any, Mapping[str, Any]], str]] = {
    "type": _type,
    "required": _required,
    "enum": _enum,
    "const": lambda value, _i, _s: f"must be {value}",
    "propertyNames": lambda _v, _i, _s: "has a key that is no allowed name",
    "pattern": lambda value, _i, _s: f"must match {value}",
    "format": lambda value, _i, _s: f"must be {_FORMATS.get(str(value), 'a ' + str(value))}",
    "minLength": lambda value, _i, _s: (
        "must not be empty" if value == 1 else f"must have at least {value} characters"
    ),
    "maxLength": lambda value, _i, _s: f"must have at most {value} characters",
    "minimum": lambda value, _i, _s: f"must be at least {value}",
    "maximum": lambda value, _i, _s: f"must be at most {value}",
    "exclusiveMinimum": lambda value, _i, _s: f"must be more than {value}",
    "exclusiveMaximum": lambda value, _i, _s: f"must be less than {value}",
    "multipleOf": lambda value, _i, _s: f"must be a multiple of {value}",
    "minItems": lambda value, _i, _s: f"must have at least {value} entries",
    "maxItems": lambda value, _i, _s: f"must have at most {value} entries",
    "uniqueItems": lambda _v, _i, _s: "must not hold the same entry twice",
    "minProperties": lambda value, _i, _s: f"must have at least {value} entries",
    "maxProperties": lambda value, _i, _s: f"must have at most {value} entries",
}
