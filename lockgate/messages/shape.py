"""Frozen dataclasses to plain JSON values and back, strictly: the types written there are the schema."""

from __future__ import annotations

import contextlib
import dataclasses
import types
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from lockgate.errors import Invalid

Shape = TypeVar("Shape")


def to_plain(value: Any) -> Any:
    """The value as plain JSON: dataclasses as objects, tuples as lists, times in UTC."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: to_plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [to_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {key: to_plain(each) for key, each in value.items()}
    return value


def from_plain(shape: type[Shape], value: Any) -> Shape:
    """The dataclass of these plain values. Raises `Invalid` naming the entry that is wrong."""
    hints = get_type_hints(shape)
    names = {each.name for each in dataclasses.fields(shape)}  # type: ignore[arg-type]
    if not isinstance(value, Mapping) or set(value) != names:
        raise Invalid(f"{shape.__name__} has other entries than {', '.join(sorted(names))}.")
    return shape(**{name: _read(hints[name], value[name], f"{shape.__name__}.{name}") for name in names})


def _read(hint: Any, value: Any, where: str) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _any_of(arguments, value, where)
    if origin is tuple and isinstance(value, list):
        return tuple(_read(arguments[0], each, where) for each in value)
    if origin is not None and origin is not tuple and isinstance(value, dict):
        return {str(key): _read(arguments[1], each, where) for key, each in value.items()}
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return from_plain(hint, value)
    return _scalar(hint, value, where)


def _any_of(hints: tuple[Any, ...], value: Any, where: str) -> Any:
    if value is None and type(None) in hints:
        return None
    *others, last = [hint for hint in hints if hint is not type(None)]
    for hint in others:
        with contextlib.suppress(Invalid):
            return _read(hint, value, where)
    return _read(last, value, where)


def _scalar(hint: Any, value: Any, where: str) -> Any:
    if hint is datetime and isinstance(value, str):
        return _time(value, where)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _member(hint, value, where)
    if hint in (str, int, float, bool) and type(value) is hint:
        return value
    raise Invalid(f"{where} is not {getattr(hint, '__name__', 'of its type')}.")


def _time(value: str, where: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise Invalid(f"{where} is no time.") from error
    if moment.tzinfo is None:
        raise Invalid(f"{where} is a time without its zone.")
    return moment


def _member(hint: type[Enum], value: Any, where: str) -> Enum:
    try:
        return hint(value)
    except ValueError as error:
        raise Invalid(f"{where} is none of {', '.join(str(each.value) for each in hint)}.") from error
