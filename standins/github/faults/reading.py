"""Typed values from JSON: what is unknown or of another type is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from enum import StrEnum
from typing import Any, TypeVar, get_args, get_type_hints

from standins.github.errors import invalid
from standins.github.faults.switches import CallFault, Fault, WebhookFault

T = TypeVar("T")
KINDS: Mapping[str, type[CallFault] | type[WebhookFault]] = {"call": CallFault, "webhook": WebhookFault}


def read_fault(said: Mapping[str, Any]) -> Fault:
    kind = KINDS.get(str(said.get("on")))
    if kind is None:
        raise invalid("Validation Failed", f'"on" is one of {", ".join(KINDS)}')
    return read(kind, {name: value for name, value in said.items() if name != "on"})


def read(kind: type[T], said: Mapping[str, Any]) -> T:
    """A dataclass from the fields of the same names. Raises 422 with what is wrong."""
    types = get_type_hints(kind)
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    if unknown := sorted(said.keys() - names):
        raise invalid("Validation Failed", f"unknown: {', '.join(unknown)}")
    try:
        return kind(**{name: _value(name, types[name], value) for name, value in said.items()})
    except TypeError as error:
        raise invalid("Validation Failed", str(error)) from error


def _value(name: str, kind: Any, value: Any) -> Any:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        known = [str(one) for one in kind]
        if value not in known:
            raise invalid("Validation Failed", f'"{name}" is one of {", ".join(known)}')
        return kind(value)
    allowed = get_args(kind) or (kind,)
    given = type(value)
    if given in allowed or (given is int and float in allowed):
        return value
    raise invalid("Validation Failed", f'"{name}" is of another type')
