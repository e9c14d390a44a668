"""Deliveries that failed: kept until an attempt arrives, and tried again by GitHub once for each wish."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from governance.deliveries import take_missed
from governance.failed_deliveries import AGAIN_AFTER, CUT, OFFERED, ask_to_redeliver, redeliver
from governance.github import hook_deliveries
from governance.models import AuditEvent, Bookmark, FailedDelivery, WebhookDelivery, Work
from governance.work import Gone
from lockgate.errors import Conflict
from standins.github.faults.switches import CallEffect, WebhookEffect, WebhookFault
from standins.github.store import Delivery
from tests.governance.test_webhooks import open_on_github
from tests.governance.trouble import breaks, hand_over, inside, subscribed
from tests.governance.world import World
from tests.services.ports import wait_until
from tests.standin_actions.ears import Ear

pytestmark = pytest.mark.django_db


@pytest.fixture
def failed(world: World) -> Iterator[Ear]:
    """A pull request was opened, and GitHub reached nobody to tell."""
    with subscribed(world) as ear:
        inside(world).faults.set(WebhookFault(WebhookEffect.FAIL, times=None))
        open_on_github(world)
        assert hand_over(world, ear) == []
        inside(world).faults.take_back()
        take_missed()
        yield ear


def wish(world: World) -> FailedDelivery:
    row = FailedDelivery.objects.earliest("delivered_at")
    return ask_to_redeliver(delivery=row.pk, by=world.person("maintainer"))


def attempts(world: World, guid: str) -> int:
    return len(inside(world).store.find(Delivery, guid=guid))


def test_a_delivery_that_failed_is_delivered_again_and_then_gone(world: World, failed: Ear) -> None:
    row = wish(world)
    assert "(502)" in row.status
    redeliver(str(row.pk))
    wait_until(lambda: failed.heard, what="the delivery")
    hand_over(world, failed)
    take_missed()
    assert not FailedDelivery.objects.filter(pk=row.pk).exists()
    assert WebhookDelivery.objects.filter(guid=row.guid).count() == 1


def test_a_wish_is_one_attempt_however_often_it_is_pressed_or_worked_on(world: World, failed: Ear) -> None:
    row = wish(world)
    wish(world)
    assert Work.objects.filter(kind="redeliver", subject=str(row.pk)).count() == 1
    assert AuditEvent.objects.filter(action="repair.redeliver", login="maintainer").count() == 2
    redeliver(str(row.pk))
    with pytest.raises(Gone):
        redeliver(str(row.pk))
    assert attempts(world, row.guid) == 2


def test_an_attempt_whose_end_nobody_saw_is_looked_up_and_never_repeated(world: World, failed: Ear) -> None:
    row = wish(world)
    breaks(world, CallEffect.FAIL_AFTER, "POST", "*/attempts")
    redeliver(str(row.pk))
    assert Work.objects.filter(kind="missed").exists()
    with pytest.raises(Gone):
        redeliver(str(row.pk))
    assert attempts(world, row.guid) == 2


def test_an_attempt_of_which_nothing_is_heard_may_be_wished_for_again(world: World, failed: Ear) -> None:
    row = wish(world)
    redeliver(str(row.pk))
    FailedDelivery.objects.update(tried_at=timezone.now() - AGAIN_AFTER)
    wish(world)
    redeliver(str(row.pk))
    assert attempts(world, row.guid) == 3


def test_it_is_known_where_more_failed_than_were_read(
    world: World, failed: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not Bookmark.objects.filter(name=CUT).exists()
    Bookmark.objects.all().delete()
    monkeypatch.setattr(hook_deliveries, "MOST", 0)
    take_missed()
    assert Bookmark.objects.filter(name=CUT).exists()


def test_a_later_attempt_that_fails_may_be_wished_for_again(world: World, failed: Ear) -> None:
    row = wish(world)
    FailedDelivery.objects.update(delivered_at=row.delivered_at - timedelta(hours=1))
    take_missed()
    assert FailedDelivery.objects.get(pk=row.pk).asked_at is None


def test_what_github_no_longer_offers_is_forgotten(world: World, failed: Ear) -> None:
    row = wish(world)
    FailedDelivery.objects.filter(pk=row.pk).update(remote_id=987654)
    with pytest.raises(Gone):
        redeliver(str(row.pk))
    with pytest.raises(Conflict):
        ask_to_redeliver(delivery=row.pk, by=world.person("maintainer"))
    old = FailedDelivery.objects.earliest("delivered_at")
    old.delivered_at, old.guid = timezone.now() - OFFERED - timedelta(hours=1), "long-ago"
    old.save()
    take_missed()
    assert not FailedDelivery.objects.filter(guid="long-ago").exists()
