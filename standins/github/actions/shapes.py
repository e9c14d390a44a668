"""Small checks of shape that name the place in the file where it is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from standins.github.actions import expressions
from standins.github.actions.workflow import NotUnderstood


def words(names: Iterable[str]) -> str:
    return ", ".join(names)


def a_mapping(value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise NotUnderstood(f"{place}: expected keys and values")
    return value


def known_keys(given: Mapping[str, Any], allowed: Iterable[str], place: str) -> None:
    unknown = sorted(set(given) - set(allowed))
    if unknown:
        raise NotUnderstood(f"{place}: {words(unknown)} is not known here")


def texts(value: Any, place: str) -> tuple[str, ...]:
    """One text or a list of texts."""
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        raise NotUnderstood(f"{place}: expected a text or a list of texts")
    return tuple(listed)


def text(value: Any, place: str) -> str:
    """A text whose expressions are all known."""
    if not isinstance(value, str):
        raise NotUnderstood(f"{place}: expected a text")
    return _checked(value, place)


def text_values(value: Any, place: str) -> dict[str, str]:
    """Names with texts, as `env` and `with`: numbers and booleans become text as on GitHub."""
    given = a_mapping(value if value is not None else {}, place)
    return {
        name: _checked(_scalar(item, f"{place}.{name}"), f"{place}.{name}") for name, item in given.items()
    }


def minutes(value: Any, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
        raise NotUnderstood(f"{place}: expected a number of minutes")
    return float(value)


def _scalar(value: Any, place: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (str, int, float)):
        return str(value)
    raise NotUnderstood(f"{place}: expected a single value")


def _checked(value: str, place: str) -> str:
    try:
        expressions.check(value)
    except NotUnderstood as error:
        raise NotUnderstood(f"{place}: {error}") from error
    return value
