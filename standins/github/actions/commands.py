"""What a step says to its runner: `::error ...::` lines, and the GITHUB_OUTPUT, _ENV and _PATH files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from standins.github.actions.workflow import NotUnderstood

LEVELS = {"error": "failure", "warning": "warning", "notice": "notice"}
# As GitHub: so many annotations of a level are kept for each step.
PER_STEP = 10
_COMMAND = re.compile(r"^::([a-z-]+)(?: ([^\n]*?))?::(.*)$")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Annotation:
    """One remark at a place of the repository; `level` is failure, warning or notice."""

    level: str
    message: str
    path: str = ".github"
    line: int = 1
    end_line: int = 1
    column: int | None = None
    end_column: int | None = None
    title: str | None = None


def find_annotations(output: str) -> tuple[Annotation, ...]:
    """The annotations that a step printed, the first ones of each level."""
    kept: dict[str, list[Annotation]] = {level: [] for level in LEVELS.values()}
    found = []
    for command, properties, message in _commands(output):
        if command not in LEVELS or len(kept[LEVELS[command]]) == PER_STEP:
            continue
        annotation = _annotation(LEVELS[command], properties, message)
        kept[annotation.level].append(annotation)
        found.append(annotation)
    return tuple(found)


def find_masks(output: str) -> tuple[str, ...]:
    """Values that the step asked to keep out of the log."""
    return tuple(message for command, _, message in _commands(output) if command == "add-mask" and message)


def read_values(written: str, place: str) -> dict[str, str]:
    """The lines of a GITHUB_OUTPUT or GITHUB_ENV file: `name=value` or `name<<END` .. `END`."""
    values: dict[str, str] = {}
    lines = iter(written.splitlines())
    for line in lines:
        name, sign, rest = _split(line)
        if not line:
            continue
        if not _NAME.fullmatch(name):
            raise NotUnderstood(f"{place}: the line {line[:80]!r} is no name=value")
        values[name] = rest if sign == "=" else _until(rest, lines, place)
    return values


def _commands(output: str) -> Iterator[tuple[str, dict[str, str], str]]:
    resume: str | None = None
    for line in output.splitlines():
        found = _COMMAND.match(line.strip())
        if not found:
            continue
        command, properties, message = found[1], found[2] or "", _unescape(found[3])
        if resume is not None:
            resume = None if command == resume else resume
        elif command == "stop-commands":
            resume = message
        else:
            yield command, _properties(properties), message


def _properties(text: str) -> dict[str, str]:
    pairs = (item.partition("=") for item in text.split(",") if "=" in item)
    return {
        name.strip(): _unescape(value.replace("%3A", ":").replace("%2C", ",")) for name, _, value in pairs
    }


def _unescape(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def _annotation(level: str, given: dict[str, str], message: str) -> Annotation:
    line = _number(given.get("line")) or 1
    return Annotation(
        level=level,
        message=message,
        path=given.get("file") or ".github",
        line=line,
        end_line=_number(given.get("endLine")) or line,
        column=_number(given.get("col")),
        end_column=_number(given.get("endColumn")),
        title=given.get("title"),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


def _split(line: str) -> tuple[str, str, str]:
    """Name, `=` or `<<`, rest: whichever of the two comes first."""
    found = re.match(r"(.*?)(=|<<)(.*)$", line)
    return (found[1], found[2], found[3]) if found else (line, "", "")


def _until(end: str, lines: Iterator[str], place: str) -> str:
    value: list[str] = []
    for line in lines:
        if line == end:
            return "\n".join(value)
        value.append(line)
    raise NotUnderstood(f"{place}: the end {end!r} is missing")
