"""The `permissions:` of a workflow or job: what its token may do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standins.github.actions.shapes import a_mapping, known_keys
from standins.github.actions.workflow import NotUnderstood

# The keys of workflow files, and what App permissions call them.
NAMES = {
    "actions": "actions",
    "checks": "checks",
    "contents": "contents",
    "issues": "issues",
    "pull-requests": "pull_requests",
    "statuses": "statuses",
}
_LEVELS = ("read", "write", "none")


def read_permissions(value: Any, place: str) -> Mapping[str, str] | None:
    """App permissions by name, or None where the file says nothing."""
    if value is None:
        return None
    if value in ("read-all", "write-all"):
        return dict.fromkeys(NAMES.values(), str(value).removesuffix("-all"))
    given = a_mapping(value, place)
    known_keys(given, NAMES, place)
    for name, level in given.items():
        if level not in _LEVELS:
            raise NotUnderstood(f"{place}.{name}: expected read, write or none")
    return {NAMES[name]: level for name, level in given.items() if level != "none"}
