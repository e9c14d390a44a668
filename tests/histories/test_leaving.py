"""Who left a team of controllers opens no outputs in review five minutes later, with all webhooks lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from governance import actions, timer
from governance.verdicts import look
from publications.models import Output
from standins.github.faults.switches import CallEffect
from tests.governance.test_deciding import approved
from tests.governance.trouble import breaks
from tests.governance.world import ORGANIZATION, World, a_request
from tests.histories.stage import BEGINS

pytestmark = pytest.mark.django_db
OUTPUTS = f"/projects/heart_study/requests/{a_request().id}/outputs/north/"
ADDRESSES = (OUTPUTS, f"{OUTPUTS}preview/counts.csv/")
BOTH = ("controller", "controller-2")
TURN = 25  # seconds


@dataclass
class Node:
    """Outputs in review, the controllers' browsers, and a clock that stands still."""

    world: World
    clock: time_machine.Traveller
    browsers: dict[str, Client]

    def leaves(self, login: str) -> None:
        path = f"/orgs/{ORGANIZATION}/teams/north-controllers/memberships/{login}"
        self.world.api("DELETE", path, as_="maintainer")

    def opened(self, login: str) -> set[int]:
        """How the page and the look of the outputs answer."""
        return {self.browsers[login].get(address).status_code for address in ADDRESSES}

    def goes_on(self, seconds: int) -> None:
        """The worker's timer goes round every few seconds of this time."""
        for _ in range(seconds // TURN):
            self.clock.shift(timedelta(seconds=TURN))
            timer.tick()


@pytest.fixture
def node(github_here: World, db: None) -> Iterator[Node]:
    world = github_here
    with time_machine.travel(BEGINS, tick=False) as clock:
        world.catch_up()
        for login in BOTH:
            world.person(login)
        request = approved(world)
        actions.merge(pull_request=request, head=request.head_sha, by=world.person("controller"))
        world.catch_up()
        look(world.project, world.propose_results())
        yield Node(world, clock, {login: _browser(world, login) for login in BOTH})


def _browser(world: World, login: str) -> Client:
    client = Client()
    user = world.person(login).user
    assert user is not None
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_with_every_webhook_lost_the_next_reading_of_teams_closes_them(node: Node) -> None:
    assert Output.objects.filter(name="counts.csv").exists()
    assert node.opened("controller") == node.opened("controller-2") == {200}
    node.leaves("controller")
    node.goes_on(275)
    assert node.opened("controller") == {404}
    assert node.opened("controller-2") == {200}, "who stayed is confirmed and goes on"


def test_with_github_out_of_reach_as_well_they_close_for_everybody(node: Node) -> None:
    node.leaves("controller")
    breaks(node.world, CallEffect.FAIL_BEFORE, path="*", times=None)
    node.goes_on(275)
    node.clock.shift(timedelta(seconds=26))
    assert node.opened("controller") == node.opened("controller-2") == {503}
