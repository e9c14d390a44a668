"""Trouble with GitHub: switches of the local one, and its webhooks brought to the portal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any

import pytest
from django.test import Client

from governance import github
from governance.models import PullRequest
from lockgate.errors import LockgateError
from standins.github import Site
from standins.github.faults.switches import CallEffect, CallFault
from standins.github.store import App, Delivery
from tests import portal_environment as environment
from tests.governance.world import CODE_REPO, PORTAL_APP, World
from tests.services.ports import wait_until
from tests.standin_actions.ears import Ear, listening

EVENTS = ["pull_request", "pull_request_review", "issue_comment", "check_run", "push"]
PATIENCE = 1.5  # seconds that the portal waits for GitHub in tests of slowness


def inside(world: World) -> Site:
    site: Site = world.line.app.state.site
    return site


def breaks(world: World, effect: CallEffect, method: str = "*", path: str = "*", **more: Any) -> None:
    """The next such call meets this."""
    inside(world).faults.set(CallFault(effect, method, path, **more))


def in_the_end(world: World, stands: Callable[[], bool], what: str) -> None:
    """The worker goes round until it stands; GitHub may have asked for a little patience."""

    def once_more() -> bool:
        world.pass_again()
        return stands()

    wait_until(once_more, what=what)


def pressed_until(world: World, press: Callable[[], Any], stands: Callable[[], bool]) -> None:
    """A person presses, is told that it failed or is not known, and presses again until it stands."""

    def once_more() -> bool:
        with suppress(LockgateError):
            press()
        world.pass_again()
        return stands()

    wait_until(once_more, what="the act that was pressed")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The portal waits for GitHub for a moment only."""
    module = import_module("governance.github.connection")  # the package has a function of this name
    monkeypatch.setattr(module, "TIMEOUT_SECONDS", PATIENCE)
    _forget_connections()
    yield
    _forget_connections()


def _forget_connections() -> None:
    github.connection.cache_clear()
    github.reader.cache_clear()


@contextmanager
def subscribed(world: World) -> Iterator[Ear]:
    """The portal's App hears of what happens on GitHub; what it heard waits to be handed over."""
    store = inside(world).store
    with listening() as ear:
        app = store.get(App, PORTAL_APP)
        store.update(app, webhook_url=ear.url, webhook_secret=environment.WEBHOOK_SECRET, events=EVENTS)
        yield ear


def hand_over(world: World, ear: Ear) -> list[int]:
    """Brings the portal what was heard so far, in that order, once nothing is on its way; its answers."""
    store = inside(world).store
    under_way = ("waiting", "held")
    wait_until(lambda: not store.first(Delivery, state=under_way), what="the last delivery")
    names = ("x-github-event", "x-github-delivery", "x-hub-signature-256")
    answers = []
    while ear.heard:
        told = ear.heard.pop(0)
        headers = {name: told.headers[name] for name in names}
        kind = "application/json"
        answer = Client().post("/webhooks/github", told.body, content_type=kind, headers=headers)
        answers.append(answer.status_code)
    return answers


def on_github(world: World, number: int) -> dict[str, Any]:
    """What GitHub says of a pull request, as the portal's rows say it."""
    path = f"/repos/{CODE_REPO}/pulls/{number}"
    pull = world.api("GET", path, as_="maintainer")
    reviews = world.api("GET", f"{path}/reviews", as_="maintainer")
    comments = world.api("GET", f"/repos/{CODE_REPO}/issues/{number}/comments", as_="maintainer")
    return {
        "title": pull["title"],
        "head": pull["head"]["sha"],
        "state": "merged" if pull["merged"] else pull["state"],
        "reviews": [(review["user"]["id"], review["state"].lower()) for review in reviews],
        "comments": [(comment["user"]["id"], comment["body"]) for comment in comments],
    }


def in_the_portal(world: World, number: int) -> dict[str, Any]:
    row: PullRequest = world.pull_request(number)
    return {
        "title": row.title,
        "head": row.head_sha,
        "state": row.state,
        "reviews": [(one.author.account_id, one.state) for one in row.reviews.order_by("remote_id")],
        "comments": [(one.author.account_id, one.body) for one in row.comments.order_by("remote_id")],
    }
