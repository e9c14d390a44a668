"""What an App sees of its deliveries, asks for again, and what a switch does to them on their way."""

from __future__ import annotations

from typing import Any

import pytest

from standins.github import clock
from standins.github.faults.switches import WebhookEffect, WebhookFault
from tests.standin.world import HERE, PORTAL_APP, World, refused
from tests.standin_actions.ears import Ear
from tests.standin_actions.test_webhooks import subscribe
from tests.standin_actions.workflows import wait_for

COMMENTS = ["issue_comment"]


@pytest.fixture
def talk(world: World, ear: Ear) -> Any:
    """Says something on a pull request; the App hears of comments alone."""
    world.pull("feature", {"a.txt": "a"})
    subscribe(world, ear, events=COMMENTS)
    rest = world.person("researcher").issues
    return lambda said: rest.create_comment(*HERE, 1, body=said).parsed_data


def said(ear: Ear) -> list[str]:
    return [one.payload["comment"]["body"] for one in ear.heard]


def listed(world: World, **asked: Any) -> list[Any]:
    return list(world.app().apps.list_webhook_deliveries(**asked).parsed_data)


def settled(world: World, count: int) -> list[Any]:
    wait_for(lambda: len(listed(world)) == count, f"{count} deliveries in the list")
    return listed(world)


def switch(world: World, effect: WebhookEffect, **more: Any) -> None:
    world.site.faults.set(WebhookFault(effect, **more))


def test_an_app_knows_its_webhook_and_can_move_it(world: World, ear: Ear) -> None:
    subscribe(world, ear, events=COMMENTS)
    rest = world.app().apps
    config = rest.get_webhook_config_for_app().parsed_data
    assert (config.url, config.content_type, config.secret) == (ear.url, "json", "********")
    moved = rest.update_webhook_config_for_app(url="http://127.0.0.1:9/moved").parsed_data
    assert moved.url == "http://127.0.0.1:9/moved"
    assert world.app_row(PORTAL_APP).webhook_url == moved.url
    assert refused(lambda: world.person("maintainer").apps.get_webhook_config_for_app()).status_code == 401


def test_a_delivery_is_kept_with_what_was_sent_and_answered(world: World, ear: Ear, talk: Any) -> None:
    talk("one")
    (item,) = settled(world, 1)
    assert (item.status, item.status_code, item.redelivery, item.event, item.action) == (
        *("OK", 202, False, "issue_comment", "created"),
    )
    whole = world.app().apps.get_webhook_delivery(item.id).json()
    assert whole["request"]["payload"]["comment"]["body"] == "one"
    assert whole["request"]["headers"]["X-GitHub-Delivery"] == item.guid
    assert whole["response"]["headers"]["server"]
    assert whole["url"] == ear.url


def test_a_failure_is_told_in_words_and_code(world: World, ear: Ear, talk: Any) -> None:
    ear.status = 500
    talk("refused")
    settled(world, 1)
    subscribe(world, Ear(url="http://127.0.0.1:9/nobody"), events=COMMENTS)
    talk("unheard")
    assert [(one.status, one.status_code) for one in settled(world, 2)] == [
        ("failed to connect to host", 502),
        ("Invalid HTTP Response: 500", 500),
    ]


def test_deliveries_are_listed_by_outcome(world: World, ear: Ear, talk: Any) -> None:
    talk("heard")
    ear.wait("issue_comment created")
    ear.status = 500
    talk("refused")
    settled(world, 2)
    assert [one.status_code for one in listed(world, status="success")] == [202]
    assert [one.status_code for one in listed(world, status="failure")] == [500]
    wrong: Any = "lost"
    assert refused(lambda: world.app().apps.list_webhook_deliveries(status=wrong)).status_code == 422


def test_pages_go_by_cursor_and_a_new_delivery_moves_none(world: World, ear: Ear, talk: Any) -> None:
    for word in ("one", "two", "three", "four", "five"):
        talk(word)
    newest_first = [one.id for one in settled(world, 5)]
    rest = world.app().apps
    first = rest.list_webhook_deliveries(per_page=2)
    talk("six")
    settled(world, 6)
    assert [one.id for one in first.parsed_data] == newest_first[:2]
    assert set(first.raw_response.links) == {"next"}
    second = rest.list_webhook_deliveries(per_page=2, cursor=cursor(first, "next"))
    assert [one.id for one in second.parsed_data] == newest_first[2:4]
    assert [one.id for one in listed(world, per_page=2, cursor=cursor(second, "prev"))] == newest_first[:2]
    last = rest.list_webhook_deliveries(per_page=2, cursor=cursor(second, "next"))
    assert [one.id for one in last.parsed_data] == newest_first[4:]
    assert "next" not in last.raw_response.links
    assert refused(lambda: rest.list_webhook_deliveries(cursor="page 2")).status_code == 400


def cursor(response: Any, name: str) -> str:
    url: str = response.raw_response.links[name]["url"]
    return url.partition("cursor=")[2].partition("&")[0]


def test_a_redelivery_has_the_same_guid_and_a_row_of_its_own(world: World, ear: Ear, talk: Any) -> None:
    ear.status = 503
    talk("one")
    (failed,) = settled(world, 1)
    ear.status = 202
    assert world.app().apps.redeliver_webhook_delivery(failed.id).status_code == 202
    again, first = settled(world, 2)
    assert (again.guid, again.redelivery, again.status_code) == (failed.guid, True, 202)
    assert (first.id, first.redelivery, first.status_code) == (failed.id, False, 503)
    assert len({one.headers["x-github-delivery"] for one in ear.heard}) == 1


def test_after_three_days_a_delivery_is_forgotten(world: World, ear: Ear, talk: Any) -> None:
    talk("one")
    (item,) = settled(world, 1)
    clock.advance(3 * 24 * 3600 + 60)
    assert listed(world) == []
    assert refused(lambda: world.app().apps.redeliver_webhook_delivery(item.id)).status_code == 404


def test_a_dropped_delivery_was_never_there(world: World, ear: Ear, talk: Any) -> None:
    switch(world, WebhookEffect.DROP)
    talk("lost")
    talk("heard")
    ear.wait("issue_comment created")
    assert (said(ear), len(settled(world, 1))) == (["heard"], 1)


def test_a_failed_one_is_listed_and_can_be_asked_for(world: World, ear: Ear, talk: Any) -> None:
    switch(world, WebhookEffect.FAIL)
    talk("late")
    (failed,) = settled(world, 1)
    assert (failed.status_code, said(ear)) == (502, [])
    world.app().apps.redeliver_webhook_delivery(failed.id)
    ear.wait("issue_comment created")
    assert said(ear) == ["late"]


def test_a_doubled_one_comes_twice_under_one_guid(world: World, ear: Ear, talk: Any) -> None:
    switch(world, WebhookEffect.DOUBLE)
    talk("twice")
    ear.wait("issue_comment created", 2)
    first, second = ear.heard
    assert first.headers["x-github-delivery"] == second.headers["x-github-delivery"]
    assert first.body == second.body


def test_a_reordered_one_comes_after_the_next(world: World, ear: Ear, talk: Any) -> None:
    switch(world, WebhookEffect.REORDER, seconds=30)
    for word in ("one", "two", "three"):
        talk(word)
    ear.wait("issue_comment created", 3)
    assert said(ear)[0] == "two"
    assert sorted(said(ear)) == ["one", "three", "two"]


def test_a_reordered_one_that_nothing_follows_comes_by_itself(world: World, ear: Ear, talk: Any) -> None:
    switch(world, WebhookEffect.REORDER, seconds=0.2)
    talk("alone")
    ear.wait("issue_comment created")
    assert said(ear) == ["alone"]


def test_a_delayed_one_lets_others_by(world: World, ear: Ear, talk: Any) -> None:
    switch(world, WebhookEffect.DELAY, seconds=0.5)
    for word in ("late", "one", "two"):
        talk(word)
    ear.wait("issue_comment created", 3)
    assert said(ear) == ["one", "two", "late"]


def test_a_switch_is_for_the_events_and_the_app_that_it_names(world: World, ear: Ear, talk: Any) -> None:
    switch(world, WebhookEffect.DROP, event="pull_request*", times=None)
    switch(world, WebhookEffect.DROP, app=PORTAL_APP + 1, times=None)
    talk("heard")
    ear.wait("issue_comment created")
    assert said(ear) == ["heard"]
