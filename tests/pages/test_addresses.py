"""Every address tried as every role and as nobody; one that is missing from the table fails the test."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from jobs.models import Draft
from tests.pages import world as arrange
from tests.pages.conftest import Visit
from tests.pages.said import APPROVED
from tests.pages.world import SLUG, World

DRAFT = UUID("5a0b5a4e-58b5-4f5c-9d7e-3f1f53a2f001")
PROJECT = {"project": "heart_study"}
THREAD = PROJECT | {"slug": SLUG}
OUTPUTS = PROJECT | {"slug": "2026-11-19-outputs-g7h8", "node": "north"}
CHANGE = PROJECT | {"number": 1}
NODE = {"node": "north"}
ROLES = ("researcher", "researcher-2", "controller", "controller-2", "maintainer", "outsider")
TEAM = frozenset(ROLES) - {"outsider"}
RESEARCHERS = frozenset({"researcher", "researcher-2"})
CONTROLLERS = frozenset({"controller", "controller-2"})
OWNER = frozenset({"researcher"})
EVERYBODY = frozenset(ROLES)
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Address:
    """Who is let in (an answer below 400, or one that is `refused` for another reason); the rest get 404.

    `public`: nobody is let in too; else nobody is sent to sign in, or gets `unknown`.
    """

    args: dict[str, Any] = field(default_factory=dict)
    let_in: frozenset[str] = EVERYBODY
    public: bool = False
    refused: int | None = None
    unknown: int = 302


TABLE: dict[str, Address] = {
    "home": Address(),
    "requests": Address(),
    "publications": Address(),
    "projects": Address(),
    "nodes": Address(),
    "account": Address(),
    "tokens": Address(),
    "revoke_token": Address({"token": 1}, EVERYBODY, refused=405),
    "status": Address(public=True),
    "audit": Address(let_in=CONTROLLERS | {"maintainer"}),
    "reconciliation": Address(let_in=CONTROLLERS | {"maintainer"}),
    "repair": Address(let_in=CONTROLLERS | {"maintainer"}),
    "reviews": Address(let_in=CONTROLLERS),
    "next_review": Address(let_in=CONTROLLERS),
    "project": Address(PROJECT, TEAM),
    "new_request": Address(PROJECT, RESEARCHERS),
    "request_form": Address(PROJECT | {"job": "incidence_by_region"}, RESEARCHERS),
    "repeat": Address(THREAD, RESEARCHERS),
    "draft": Address({"draft": DRAFT}, OWNER),
    "preview_request": Address({"draft": DRAFT}, OWNER, refused=422),
    "send_request": Address({"draft": DRAFT}, OWNER),
    "discard_draft": Address({"draft": DRAFT}, OWNER),
    "thread": Address(THREAD, TEAM),
    "thread_live": Address(THREAD, TEAM),
    "comment": Address(THREAD, TEAM),
    "review": Address(THREAD, CONTROLLERS),
    "outputs": Address(OUTPUTS, CONTROLLERS),
    "output_preview": Address(OUTPUTS | {"name": "missing.csv"}, NOBODY),
    "preview_image": Address({"preview": DRAFT}, NOBODY),
    "publication": Address(THREAD, NOBODY),
    "archive": Address(THREAD, NOBODY),
    "sums": Address(THREAD, NOBODY),
    "published_file": Address(THREAD | {"node": "north", "path": "incidence.csv"}, NOBODY),
    "change": Address(CHANGE, TEAM),
    "approve": Address(CHANGE, CONTROLLERS),
    "request_changes": Address(CHANGE, CONTROLLERS),
    "close": Address(CHANGE, CONTROLLERS | OWNER),
    "merge": Address(CHANGE, CONTROLLERS),
    "bring_up_to_date": Address(CHANGE, CONTROLLERS),
    "node": Address(NODE, CONTROLLERS | {"maintainer"}),
    "node_change": Address(NODE | {"number": 3}, CONTROLLERS | {"maintainer"}),
    "dvc": Address(PROJECT | {"path": "files/md5/00/11"}, NOBODY, unknown=401),
    "github_webhook": Address({}, EVERYBODY, public=True, refused=405),
}


def every_address() -> Iterator[tuple[str, str]]:
    """Name and path of each address but those of sign-in, which are allauth's."""
    yield from (
        (name, path) for name, path in _walk(get_resolver().url_patterns, "") if path[:9] != "accounts/"
    )


def _walk(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[tuple[str, str]]:
    for one in patterns:
        path = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, path)
        else:
            yield one.name or path, path


@pytest.fixture
def furnished(world: World) -> World:
    arrange.request(world)
    second = arrange.request(world, "2026-11-19-outputs-g7h8", state="merged", decision=APPROVED)
    arrange.pull(
        world, "node_change", project=None, node=world.node, title="More memory", request="", node_names=[]
    )
    arrange.lane(world, second, "in_review", result=arrange.result(world, second))
    Draft.objects.create(
        id=DRAFT, owner=world.people["researcher"], project=world.project, job="incidence_by_region"
    )
    return world


def test_no_address_is_missing_from_the_table() -> None:
    assert {name for name, _ in every_address()} == set(TABLE)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_an_address_lets_in_whom_the_table_names_and_nobody_else(
    name: str, furnished: World, as_: Visit
) -> None:
    address = TABLE[name]
    path = reverse(name, kwargs=address.args)
    for role in ROLES:
        status = as_(role).get(path).status_code
        assert status in _expected(name, address, role), (role, path, status)


def _expected(name: str, address: Address, role: str) -> Container[int]:
    if name == "dvc":
        return {401}  # asks for a token, whoever is signed in
    if role not in address.let_in:
        return {404}
    return {address.refused} if address.refused else range(200, 400)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_nobody_is_asked_to_sign_in_before_anything_is_said(name: str, furnished: World, as_: Visit) -> None:
    address = TABLE[name]
    answer = as_(None).get(reverse(name, kwargs=address.args))
    if address.public:
        assert answer.status_code == (address.refused or 200)
        return
    assert answer.status_code in (address.unknown, 405)
    if answer.status_code == 302:
        assert answer.headers["Location"].startswith("/accounts/login/?next=")


@pytest.mark.parametrize("name", ["comment", "approve", "request_changes", "merge", "close", "repair"])
def test_an_act_is_not_pressed_by_whom_its_page_does_not_let_in(
    name: str, furnished: World, as_: Visit
) -> None:
    address = TABLE[name]
    for role in EVERYBODY - address.let_in:
        assert as_(role).post(reverse(name, kwargs=address.args), {"head": "0" * 40}).status_code == 404


def test_what_is_not_yours_looks_like_what_is_not_there(furnished: World, as_: Visit) -> None:
    hidden = as_("outsider").get("/projects/heart_study/")
    missing = as_("outsider").get("/projects/no_such_study/")
    assert hidden.status_code == missing.status_code == 404
    assert b"Not found, or not yours to see." in hidden.content
    one_time = rb'name="csrfmiddlewaretoken"[^>]*>'
    assert re.sub(one_time, b"", hidden.content) == re.sub(one_time, b"", missing.content)
