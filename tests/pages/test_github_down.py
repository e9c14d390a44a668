"""Every page shows what the portal knows: none asks GitHub while somebody waits for it."""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from django.urls import reverse

from lockgate.messages import ReleaseState
from publications import previews, tokens
from publications.models import Output
from tests import portal_environment as environment
from tests.pages.conftest import Visit
from tests.pages.test_addresses import (
    CONTROLLERS,
    PROJECT,
    ROLES,
    TABLE,
    TEAM,
    Address,
    every_address,
    furnished,
)
from tests.pages.world import World
from tests.publications import scene as scenes
from tests.publications.conftest import store, store_keys
from tests.publications.scene import PLOT
from tests.publications.scene import TABLE as TABLE_FILE
from tests.publications.test_dvc_address import basic
from tests.publications.test_looks import PICTURE
from tests.services.s3 import S3

# Fixtures: something at every address, and a store of released files.
__all__ = ["furnished", "store", "store_keys"]
pytestmark = pytest.mark.django_db
GITHUB = ("127.0.0.1", environment.GITHUB_PORT)
_tried: list[str] = []


def _hear(event: str, arguments: Sequence[Any]) -> None:
    if event == "socket.connect" and arguments[1] == GITHUB:
        _tried.append(event)


sys.addaudithook(_hear)


@pytest.fixture(autouse=True)
def github_is_down() -> None:
    """Nothing listens where GitHub is to be."""
    with pytest.raises(ConnectionRefusedError), socket.create_connection(GITHUB):
        pass
    _tried.clear()


def test_every_page_is_there_for_everybody_and_github_is_not_asked(
    furnished: World, store_keys: S3, as_: Visit
) -> None:
    table = TABLE | _published(furnished, store_keys)
    visited = set()
    for role in ROLES:
        browser = as_(role)
        password = basic(tokens.create(by=furnished.people[role], name="laptop")[1])
        for name, address in table.items():
            if role in address.let_in:
                given = {"headers": password} if name == "dvc" else {}
                answer = browser.get(reverse(name, kwargs=address.args), **given)
                assert answer.status_code == address.refused or answer.status_code < 400, (name, role)
                answer.getvalue()  # to its end, where it comes in parts
                visited.add(name)
            assert _tried == [], (name, role)
    assert visited == {name for name, _ in every_address()}


def _published(world: World, store: S3) -> dict[str, Address]:
    """Outputs that wait for their review, with a picture shown to a controller, and others that are out."""
    proposed = scenes.propose(world, slug="2026-11-20-proposed-h7k2")
    released = scenes.propose(world, slug="2026-11-21-released-m4n5")
    scenes.store(released, store, TABLE_FILE, PLOT)
    released.node.reports(released.merge(), ReleaseState.RELEASED, TABLE_FILE, PLOT)
    plot = Output.objects.get(pull_request=proposed.change, name=PLOT.path)
    picture = previews.look(by=world.people["controller"], output=plot, page=1)
    released.node.shows(PICTURE)
    look = PROJECT | {"slug": proposed.request.slug, "node": "north", "name": TABLE_FILE.path}
    thread = PROJECT | {"slug": released.request.slug}
    return {
        "output_preview": Address(look, CONTROLLERS),
        "preview_image": Address({"preview": picture.pk}, frozenset({"controller"})),
        "publication": Address(thread, TEAM),
        "archive": Address(thread, TEAM),
        "sums": Address(thread, TEAM),
        "published_file": Address(thread | {"node": "north", "path": TABLE_FILE.path}, TEAM),
        "dvc": Address(PROJECT | {"path": f"files/md5/{TABLE_FILE.md5[:2]}/{TABLE_FILE.md5[2:]}"}, TEAM),
    }


def test_the_guard_hears_who_asks() -> None:
    with pytest.raises(httpx.ConnectError):
        httpx.get(environment.GITHUB_URL, trust_env=False)
    assert _tried
