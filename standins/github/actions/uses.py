"""The allow-list of `uses:`: which actions are known here, and with which inputs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from standins.github.actions.shapes import known_keys, text, words
from standins.github.actions.workflow import NotUnderstood

CHECKOUT = "actions/checkout"
SETUP_PYTHON = "actions/setup-python"

INPUTS = {
    CHECKOUT: ("ref", "fetch-depth", "path", "persist-credentials"),
    SETUP_PYTHON: ("python-version", "cache", "cache-dependency-path"),
}
_VERSION = re.compile(r"[0-9a-f]{40}|v\d+(\.\d+){0,2}")


def check_uses(value: Any, inputs: Mapping[str, str], place: str) -> str:
    """The action's name without its version, once both are known here."""
    name, _, version = text(value, f"{place}.uses").partition("@")
    if name not in INPUTS:
        raise NotUnderstood(f"{place}.uses: {name} is not among {words(INPUTS)}")
    if not _VERSION.fullmatch(version):
        raise NotUnderstood(f"{place}.uses: {name} needs a version: a commit or a tag such as v5")
    known_keys(inputs, INPUTS[name], f"{place}.with")
    return name
