"""The status page: everybody sees which places are well, who is signed in what is not and what waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from governance.models import Node, ServiceState
from portal.pages.status import Place, read_places
from tests.pages import world as arrange
from tests.pages.conftest import Visit
from tests.pages.world import World

EFFECT = "Merged requests wait."


@pytest.fixture
def down(world: World) -> World:
    arrange.service(world, "dagster", "down", EFFECT)
    arrange.service(world, "storage", "ok")
    at = timezone.now()
    ServiceState.objects.create(name="github", state="ok", since=at, checked=at)
    return world


def north() -> Place:
    return next(place for place in read_places(timezone.now()) if place.name == "north")


@pytest.mark.parametrize("login", ["researcher", "outsider"])
def test_who_is_signed_in_sees_the_part_since_when_and_what_waits(
    login: str, down: World, as_: Visit
) -> None:
    page = as_(login).get("/status").content.decode()
    assert EFFECT in page
    assert "Dagster" in page
    assert ServiceState.objects.get(name="dagster").since.isoformat() in page


def test_nobody_sees_places_and_their_states_alone(down: World, as_: Visit) -> None:
    answer = as_(None).get("/status")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "north" in page
    assert "Down" in page
    for hidden in (EFFECT, "Dagster", "Storage", "<time"):
        assert hidden not in page


def test_a_place_is_as_its_worst_part(down: World) -> None:
    assert [(place.name, place.state) for place in read_places(timezone.now())] == [
        ("Lockgate", "ok"),
        ("north", "down"),
    ]


def test_a_part_that_is_silent_for_three_minutes_is_unknown_since_then(world: World) -> None:
    row = arrange.service(world, "daemon", "ok")
    at = timezone.now() - timedelta(minutes=2, seconds=50)
    ServiceState.objects.update(checked=at)
    assert north().parts[0].state == "ok"
    at -= timedelta(seconds=15)
    ServiceState.objects.update(checked=at)
    part = north().parts[0]
    assert (part.name, part.state, part.since) == ("Dagster daemon", "unknown", at)
    assert part.effect.startswith("Nothing was heard from it")
    assert north().state == "unknown"
    assert row.state == "ok"


def test_a_node_that_never_reported_is_listed_as_unknown(world: World, as_: Visit) -> None:
    assert north() == Place("north", "unknown", ())
    assert "Nothing was heard from it yet" in as_("researcher").get("/status").content.decode()


def test_the_title_leads_with_how_it_is(down: World, as_: Visit) -> None:
    assert "<title>Not all is well, Status" in as_(None).get("/status").content.decode()
    ServiceState.objects.update(state="ok")
    assert "<title>All is well, Status" in as_(None).get("/status").content.decode()


def test_many_nodes_take_no_more_queries(down: World, django_assert_max_num_queries: object) -> None:
    for number in range(5):
        Node.objects.create(
            name=f"node_{number}",
            repo=f"org/node-{number}",
            app_id=1,
            app_slug="n",
            app_account=1,
            message_key="",
            portal_app_id=1,
        )
    with django_assert_max_num_queries(2):  # type: ignore[operator]
        assert len(read_places(timezone.now())) == 7
