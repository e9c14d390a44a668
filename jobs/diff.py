"""Differences of texts, line by line. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """`kind` is added, removed, hunk (where it stands) or same; `text` has no line end."""

    kind: str
    text: str


@dataclass(frozen=True)
class FileDiff:
    """One file of a change; without lines where git shows none (a binary file, a mode)."""

    path: str
    lines: tuple[Line, ...]


REST = FileDiff("The rest", (Line("hunk", "This change is too long to show: read the rest on GitHub."),))


def patch_lines(patch: str) -> tuple[Line, ...]:
    """The lines of a unified diff from its first hunk on."""
    texts = patch.removesuffix("\n").split("\n")  # git ends lines so, and with nothing else
    start = next((number for number, text in enumerate(texts) if text.startswith("@@")), len(texts))
    return tuple(_line(text) for text in texts[start:])


def patch_files(patch: str, *, most: int) -> tuple[FileDiff, ...]:
    """The files of a diff of git's, each with its lines; one that was cut at `most` bytes says so."""
    parts = re.split(r"^diff --git ", patch, flags=re.MULTILINE)[1:]
    files = tuple(FileDiff(_path(part), patch_lines(part)) for part in parts)
    return (*files, REST) if len(patch.encode()) >= most else files


def _path(part: str) -> str:
    """The file's path after the change; before it, where the change removes it."""
    found = re.search(r"^\+\+\+ b/(.*)$", part, re.MULTILINE) or re.search(
        r"^--- a/(.*)$", part, re.MULTILINE
    )
    return found[1] if found else part.splitlines()[0].rpartition(" b/")[2]


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
    return Line(kind, _shown(text if kind == "hunk" else text[1:]))


def _shown(text: str) -> str:
    """What would not be seen, or would turn the order of letters round, as an escape."""
    return "".join(
        each if each.isprintable() or each == "\t" else each.encode("unicode_escape").decode()
        for each in text
    )
