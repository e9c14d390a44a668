"""Canonical JSON: one text for one value, so that it can be signed, hashed and compared.

Keys sorted, no spaces, UTF-8 as it is, no NaN or infinity; reading refuses doubled keys.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from lockgate.errors import Invalid


def dumps(value: Any) -> str:
    """The one text of a JSON value. Raises `Invalid` for what is no JSON value."""
    try:
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        text.encode()
    except (TypeError, ValueError) as error:
        raise Invalid(f"This cannot be written as JSON: {error}.") from error
    return text


def loads(text: str | bytes) -> Any:
    """The value of a JSON text. Raises `Invalid` for broken JSON, doubled keys and NaN."""
    try:
        return json.loads(text, object_pairs_hook=_without_doubles, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"This is not JSON: {error}.") from error


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key stands twice")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
