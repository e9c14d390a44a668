"""The fields of a form, from a job type's JSON Schema. Pure.

A field knows how to show a value as text and how to read text back; whether the value is allowed
is the schema's word (`lockgate.formats.check_parameters`), the same that the gate asks.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeAlias

from lockgate.formats import JSON, JobType

Typed: TypeAlias = Mapping[str, Sequence[str]]
PREFIX = "parameters."
MOST_DIGITS = 15


class Widget(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    SEVERAL = "several"  # of an enumeration
    LINES = "lines"  # a list, one entry on each line


class NotReadable(ValueError):
    """What was typed is no value of this field's type; the text says what to enter."""


@dataclass(frozen=True)
class Choice:
    """One of an enumeration; `text` is what the form sends, the value's own JSON or the plain string."""

    text: str
    value: JSON


@dataclass(frozen=True)
class Field:
    """One parameter's field. `unit`, `hint` and `group` are for display and may be empty."""

    name: str
    label: str
    hint: str
    widget: Widget
    required: bool
    unit: str = ""
    group: str = ""
    choices: tuple[Choice, ...] = ()
    item: Widget = Widget.TEXT
    default: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The field's name in the form as it is sent."""
        return PREFIX + self.name

    @property
    def is_list(self) -> bool:
        return self.widget in (Widget.SEVERAL, Widget.LINES)

    def read(self, texts: Sequence[str]) -> JSON:
        """The value of what was typed, which is not blank; raises NotReadable."""
        if self.widget is Widget.LINES:
            lines = [line.strip() for text in texts for line in text.splitlines()]
            return [self._read_entry(number, line) for number, line in enumerate(filter(None, lines), 1)]
        if self.widget is Widget.SEVERAL:
            return [self._chosen(text) for text in texts if text]
        if self.choices:
            return self._chosen(texts[-1])
        return _read_scalar(self.widget, texts[-1])

    def show(self, value: JSON) -> tuple[str, ...]:
        """The texts that `read` gives this value for."""
        if self.widget is Widget.LINES:
            return ("\n".join(_text(entry) for entry in value or ()),)  # type: ignore[union-attr]
        if self.widget is Widget.SEVERAL:
            return tuple(_text(entry) for entry in value or ())  # type: ignore[union-attr]
        return (_text(value),)

    def _chosen(self, text: str) -> JSON:
        for choice in self.choices:
            if choice.text == text:
                return choice.value
        raise NotReadable("Choose one of those offered.")

    def _read_entry(self, number: int, line: str) -> JSON:
        try:
            return _read_scalar(self.item, line)
        except NotReadable as error:
            raise NotReadable(f"Line {number}: {error}") from None


def fields_of(job_type: JobType) -> tuple[Field, ...]:
    """The fields of a job type in the order of its schema, those of one group together."""
    required = set(job_type.schema.get("required", ()))
    properties: Mapping[str, Any] = job_type.schema["properties"]
    fields = [field_of(name, schema, required=name in required) for name, schema in properties.items()]
    groups = list(dict.fromkeys(field.group for field in fields))
    return tuple(sorted(fields, key=lambda field: groups.index(field.group)))


def field_of(name: str, schema: Mapping[str, Any], *, required: bool) -> Field:
    widget = _widget(schema)
    entries = schema.get("items", {}) if schema["type"] == "array" else schema
    choices = tuple(Choice(_text(value), value) for value in entries.get("enum", ()))
    field = Field(
        name=name,
        label=schema.get("title") or name.replace("_", " ").capitalize(),
        hint=_hint(schema, widget),
        widget=widget,
        required=required,
        unit=schema.get("x-unit", ""),
        group=schema.get("x-group", ""),
        choices=choices,
        item=_scalar_widget(entries),
    )
    if "default" not in schema:
        return field
    return replace(field, default=field.show(schema["default"]))


def _widget(schema: Mapping[str, Any]) -> Widget:
    if schema["type"] == "array":
        return Widget.SEVERAL if "enum" in schema["items"] else Widget.LINES
    return Widget.CHOICE if "enum" in schema else _scalar_widget(schema)


def _scalar_widget(schema: Mapping[str, Any]) -> Widget:
    match schema:
        case {"type": "boolean"}:
            return Widget.BOOLEAN
        case {"type": "integer"}:
            return Widget.INTEGER
        case {"type": "number"}:
            return Widget.NUMBER
        case {"format": "date"}:
            return Widget.DATE
        case {"x-widget": "textarea"}:
            return Widget.LONG_TEXT
    return Widget.TEXT


def _hint(schema: Mapping[str, Any], widget: Widget) -> str:
    parts = [schema.get("description", "")]
    if widget is Widget.LINES:
        parts.append("One on each line.")
    parts.append(_bounds(schema.get("items", schema)))
    if examples := schema.get("examples"):
        parts.append(f"For example {', '.join(_text(example) for example in examples[:3])}.")
    return " ".join(part for part in parts if part)


def _bounds(schema: Mapping[str, Any]) -> str:
    words = {
        "minimum": "at least",
        "exclusiveMinimum": "more than",
        "maximum": "at most",
        "exclusiveMaximum": "less than",
    }
    said = [f"{word} {_text(schema[key])}" for key, word in words.items() if key in schema]
    return f"{' and '.join(said).capitalize()}." if said else ""


def _read_scalar(widget: Widget, text: str) -> JSON:
    match widget:
        case Widget.INTEGER:
            return _integer(text.strip())
        case Widget.NUMBER:
            return _number(text.strip())
        case Widget.BOOLEAN:
            return _boolean(text.strip())
        case Widget.LONG_TEXT:
            return text.replace("\r\n", "\n").strip()
    return text.strip()


def _integer(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise NotReadable("Enter a whole number, such as 12.") from None
    if abs(number) >= 10**MOST_DIGITS:
        raise NotReadable(f"Enter a number of at most {MOST_DIGITS} digits.")
    return number


def _number(text: str) -> float | int:
    try:
        number = float(text)
    except ValueError:
        raise NotReadable("Enter a number, such as 0.05.") from None
    if not math.isfinite(number):
        raise NotReadable("Enter a number, such as 0.05.")
    whole = text.lstrip("+-").isdigit() and abs(number) < 10**MOST_DIGITS
    return int(text) if whole else number


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise NotReadable("Choose yes or no.")
    return text == "true"


def _text(value: JSON) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
