"""docs/github-app.md lists what the code declares, and the demo's Apps are registered so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deploy.demo import github as demo
from governance.posture.permissions import (
    NODE_PERMISSIONS,
    PORTAL_EVENTS,
    PORTAL_PERMISSIONS,
    Permission,
    levels,
)
from lockgate.node import settings as node_settings
from portal import configuration

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "github-app.md").read_text()


def table(name: str) -> list[tuple[str, ...]]:
    """The rows of the table under this mark."""
    found = re.search(rf"<!-- {name} -->\n\|.*\n\|[-|]+\n((?:\|.*\n)+)", DOCUMENT)
    assert found, f"there is no table of {name}"
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in found[1].splitlines()]


@pytest.mark.parametrize(
    ("name", "declared"),
    [("portal permissions", PORTAL_PERMISSIONS), ("node permissions", NODE_PERMISSIONS)],
)
def test_the_document_lists_exactly_the_permissions_of_the_code(
    name: str, declared: tuple[Permission, ...]
) -> None:
    assert table(name) == [(f"`{each.name}`", each.level, each.why) for each in declared]


def test_the_document_lists_exactly_the_events_of_the_code() -> None:
    assert table("portal events") == [(f"`{each.name}`", each.why) for each in PORTAL_EVENTS]


def test_the_apps_of_the_demo_are_registered_so() -> None:
    assert levels(PORTAL_PERMISSIONS) == demo.PORTAL_PERMISSIONS
    assert levels(NODE_PERMISSIONS) == demo.NODE_PERMISSIONS
    assert [each.name for each in PORTAL_EVENTS] == demo.EVENTS


def test_every_variable_that_the_document_names_is_read_somewhere() -> None:
    sources = [configuration.__file__, node_settings.__file__]
    read = "".join(Path(source).read_text() for source in sources if source)
    named = set(re.findall(r"`(LOCKGATE_[A-Z_]+)`", DOCUMENT))
    assert len(named) > 10
    assert {name for name in named if f'"{name}"' not in read} == set()
