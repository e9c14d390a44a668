"""Which changes are changes of policy: who decides, what is checked, and with which code it is checked."""

from __future__ import annotations

import re

from lockgate.gate.changes import ABSENT, Change
from lockgate.gate.objects import Objects
from lockgate.gate.paths import area, fold

_FILES = {
    "governance.yaml",
    "codeowners",
    "docs/codeowners",
    ".dvcignore",
    "requirements-gate.txt",  # the pin of lockgate with which the gate itself runs
}
_FOLDERS = {".github", ".dvc"}
_SENSOR = re.compile(r"[^/]+/(lockgate_)?sensors?\.py")
# In these files only some lines are policy: the pin of lockgate and where packages come from,
# the module that Dagster loads, and the lines that put the sensor into it.
_LINES = (
    (
        re.compile(r"requirements[^/]*\.(txt|in)|requirements/[^/]+\.(txt|in)"),
        re.compile(rb"\s*(lockgate\b|-)"),
    ),
    (re.compile(r"pyproject\.toml"), re.compile(rb".*(\blockgate\b|module_name)")),
    (re.compile(r"[^/]+/definitions\.py"), re.compile(rb".*sensor", re.IGNORECASE)),
)
_MAX_BYTES = 4 * 1024 * 1024


def is_policy(objects: Objects, change: Change) -> bool:
    """Say whether `change` touches policy; a file too large to look into counts as policy."""
    path = fold(change.path)
    if path in _FILES or area(path) in _FOLDERS or _SENSOR.fullmatch(path):
        return True
    for files, lines in _LINES:
        if files.fullmatch(path):
            old = _marked(objects, change.old_mode, change.old_blob, lines)
            new = _marked(objects, change.new_mode, change.new_blob, lines)
            return old is None or new is None or old != new
    return False


def _marked(objects: Objects, mode: str, blob: str, lines: re.Pattern[bytes]) -> tuple[bytes, ...] | None:
    """Return the lines that count, continued lines joined; None where they cannot be known."""
    if mode == ABSENT:
        return ()
    data = objects.small([blob], _MAX_BYTES).get(blob) if mode.startswith("100") else None
    if data is None:
        return None
    joined = data.replace(b"\\\r\n", b" ").replace(b"\\\n", b" ")
    return tuple(b" ".join(line.split()) for line in joined.splitlines() if lines.match(line))
