"""The one way Lockgate writes YAML: block style, keys in the order given, text quoted unless plain words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from lockgate.formats.problems import JSON

# Begins with a letter and holds nothing that any reader of YAML could take for syntax.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./,()-]*( [A-Za-z0-9_./,()-]+)*", re.ASCII)
_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
_LINE = re.compile(r"[^\s\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]"
                   r"([^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]*"
                   r"[^\s\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff])?")  # fmt: skip
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def dump(value: Mapping[str, JSON]) -> bytes:
    """Return `value` as canonical YAML; the strict loader reads back the same."""
    return ("\n".join(_mapping(value, "")) + "\n").encode("utf-8")


def quote(text: str) -> str:
    """Return `text` as a double-quoted scalar."""
    quoted = json.dumps(text, ensure_ascii=False)
    return _ESCAPED.sub(lambda letter: f"\\u{ord(letter[0]):04x}", quoted)


def _mapping(value: Mapping[str, JSON], indent: str) -> Iterator[str]:
    for key, entry in value.items():
        yield from _entry(f"{indent}{_text(key)}:", entry, indent)


def _entry(head: str, value: JSON, indent: str) -> Iterator[str]:
    if isinstance(value, dict) and value:
        yield head
        yield from _mapping(value, indent + "  ")
    elif isinstance(value, list) and value:
        yield head
        yield from _sequence(value, indent + "  ")
    elif isinstance(value, str) and _is_block(value):
        yield f"{head} |-"
        yield from (f"{indent}  {line}" if line else "" for line in value.split("\n"))
    else:
        yield f"{head} {_scalar(value)}"


def _sequence(value: list[JSON], indent: str) -> Iterator[str]:
    for entry in value:
        if isinstance(entry, dict) and entry:
            first, *rest = _mapping(entry, indent + "  ")
            yield f"{indent}- {first.removeprefix(indent + '  ')}"
            yield from rest
        elif isinstance(entry, list) and entry:
            yield f"{indent}- {json.dumps(entry)}"
        else:
            yield f"{indent}- {_scalar(entry)}"


def _scalar(value: JSON) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list | dict):
        return "[]" if isinstance(value, list) else "{}"
    return json.dumps(value, allow_nan=False)


def _text(text: str) -> str:
    return text if _PLAIN.fullmatch(text) and text.lower() not in _WORDS else quote(text)


def _is_block(text: str) -> bool:
    """Say whether `text` reads well, and back exactly, as a literal block."""
    lines = text.split("\n")
    return (
        len(lines) > 1
        and bool(lines[0])
        and bool(lines[-1])
        and all(not line or _LINE.fullmatch(line) for line in lines)
    )
