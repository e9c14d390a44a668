"""Webhooks lost, failed, doubled, out of order or late: in the end rows say what GitHub says."""

from __future__ import annotations

import pytest

from governance.models import WebhookDelivery
from standins.github.faults.switches import WebhookEffect, WebhookFault
from standins.github.store import Delivery
from tests.governance.test_webhooks import open_on_github
from tests.governance.trouble import (
    hand_over,
    in_the_end,
    in_the_portal,
    inside,
    on_github,
    subscribed,
)
from tests.governance.world import CODE_REPO, World

pytestmark = pytest.mark.django_db


def something_happens(world: World) -> int:
    """A pull request made, talked about, reviewed, changed and closed on GitHub, past the portal."""
    number = open_on_github(world)
    path = f"/repos/{CODE_REPO}/pulls/{number}"
    world.api("POST", f"/repos/{CODE_REPO}/issues/{number}/comments", as_="controller", body={"body": "Why?"})
    world.api("POST", f"{path}/reviews", as_="controller", body={"event": "APPROVE"})
    world.api("PATCH", path, as_="researcher", body={"title": "A better title"})
    world.api("PATCH", path, as_="researcher", body={"state": "closed"})
    return number


@pytest.mark.parametrize("effect", [WebhookEffect.DOUBLE, WebhookEffect.REORDER, WebhookEffect.DELAY])
def test_hints_in_any_order_and_number_are_enough(world: World, effect: WebhookEffect) -> None:
    world.catch_up()  # the first pass is over, and the next is far
    with subscribed(world) as ear:
        inside(world).faults.set(WebhookFault(effect, times=3, seconds=0.3))
        number = something_happens(world)
        assert set(hand_over(world, ear)) == {202}
    world.catch_up()
    assert in_the_portal(world, number) == on_github(world, number)
    guids = {one.guid for one in inside(world).store.find(Delivery)}
    assert set(WebhookDelivery.objects.values_list("guid", flat=True)) == guids


@pytest.mark.parametrize("effect", [WebhookEffect.DROP, WebhookEffect.FAIL])
def test_what_no_webhook_told_the_pass_finds(world: World, effect: WebhookEffect) -> None:
    with subscribed(world) as ear:
        inside(world).faults.set(WebhookFault(effect, times=None))
        number = something_happens(world)
        assert hand_over(world, ear) == []
    same = lambda: in_the_portal(world, number) == on_github(world, number)  # noqa: E731
    in_the_end(world, same, "the rows as GitHub has them")
