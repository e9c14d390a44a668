"""Differences of texts, line by line. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """`kind` is added, removed, hunk (where it stands) or same; `text` has no line end."""

    kind: str
    text: str


def patch_lines(patch: str) -> tuple[Line, ...]:
    """The lines of a unified diff from its first hunk on."""
    texts = patch.splitlines()
    start = next((number for number, text in enumerate(texts) if text.startswith("@@")), 0)
    return tuple(_line(text) for text in texts[start:])


def compare(before: str, after: str) -> tuple[Line, ...]:
    """What changes from one text to the other, with three lines around each change."""
    return tuple(_line(text) for text in _unified(before, after))


def _unified(before: str, after: str) -> Iterator[str]:
    for number, text in enumerate(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="")):
        if number > 1:
            yield text


def _line(text: str) -> Line:
    kinds = {"+": "added", "-": "removed", "@": "hunk"}
    kind = kinds.get(text[:1], "same")
    return Line(kind, text if kind == "hunk" else text[1:])
