"""A page asks the database as often for many rows as for few, and asks nobody else."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.pages import world as arrange
from tests.pages.conftest import Visit
from tests.pages.said import APPROVED
from tests.pages.world import SLUG, World

THREAD = f"/projects/heart_study/requests/{SLUG}/"
PAGES = [
    ("researcher", "/", 30),
    ("controller", "/", 30),
    ("maintainer", "/", 30),
    ("controller", "/reviews/", 20),
    ("controller", "/reviews/?tab=all", 20),
    ("researcher", "/requests/", 25),
    ("researcher", "/projects/", 15),
    ("researcher", "/projects/heart_study/", 35),
    ("controller", "/nodes/", 20),
    ("controller", "/nodes/north/", 35),
    ("researcher", THREAD, 35),
    ("researcher", f"{THREAD}live/", 30),
    ("controller", f"{THREAD}review/", 60),
    ("researcher", "/projects/heart_study/requests/new/", 15),
    ("researcher", "/projects/heart_study/requests/new/incidence_by_region/", 15),
]

MORE_PAGES = [
    ("researcher", "/publications/"),
    ("researcher", "/account/"),
    ("researcher", "/account/tokens/"),
    ("maintainer", "/audit/"),
    ("maintainer", "/reconciliation/"),
    ("researcher", "/status"),
]


def furnish(world: World, tag: str, count: int) -> None:
    for number in range(count):
        slug = f"2026-11-2{number}-{tag}-a1b2"
        arrange.request(world, f"{slug}0")
        done = arrange.request(world, f"{slug}1", state="merged", decision=APPROVED)
        arrange.lane(world, done, "in_review", result=arrange.result(world, done))
        ended = arrange.request(world, f"{slug}2", state="merged", at=world.now - timedelta(days=2))
        arrange.lane(world, ended, "released")
        arrange.pull(world, "code_change", title="Bump pandas", request="", node_names=[])


@pytest.mark.parametrize(("login", "path", "most"), PAGES)
def test_a_page_asks_no_more_often_for_many_rows(
    login: str, path: str, most: int, world: World, as_: Visit
) -> None:
    first = arrange.request(world)
    furnish(world, "few", 2)
    few = _count(as_, login, path)
    furnish(world, "many", 6)
    assert first.pull_request is not None
    for text in ("One.", "Two.", "Three."):
        arrange.comment(world, first.pull_request, "controller", text)
    many = _count(as_, login, path)
    assert many <= few, f"{few} queries for few rows, {many} for many"
    assert many <= most


def _count(as_: Visit, login: str, path: str) -> int:
    browser = as_(login)
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(path).status_code == 200
    return len(asked)


@pytest.mark.parametrize(("login", "path"), [*(page[:2] for page in PAGES), *MORE_PAGES])
def test_no_page_asks_github_or_anybody_else(
    login: str, path: str, world: World, as_: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrange.request(world)
    asked: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _self, address: asked.append(address))
    assert as_(login).get(path).status_code == 200
    assert asked == []
