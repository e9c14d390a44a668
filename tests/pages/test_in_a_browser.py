"""The pages in Chromium: without JavaScript, by keyboard, and live."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from jobs.models import Lane
from tests.browser import See, chromium_beside_rows, needs_chromium, seeing
from tests.pages import world as arrange
from tests.pages.said import APPROVED, FAILED
from tests.pages.world import SLUG, World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    needs_chromium,
]
THREAD = f"/projects/heart_study/requests/{SLUG}/"
FORM = "/projects/heart_study/requests/new/incidence_by_region/"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium_beside_rows() as started:
        yield started


@pytest.fixture
def furnished(browser: Browser, live_server: Any) -> World:
    world = arrange.build()
    first = arrange.request(world)
    running = arrange.request(
        world, "2026-11-22-running-a1b2", "Readmissions", state="merged", decision=APPROVED
    )
    arrange.lane(world, running, "running")
    arrange.request(world, "2026-11-21-failing-c3d4", "A title that goes on " * 5, decision=FAILED)
    arrange.service(world, "dagster", "late", "Runs start late.")
    arrange.on_mirror(world, first)
    return world


@pytest.fixture
def open_page(browser: Browser, live_server: Any, furnished: World) -> Iterator[See]:
    with seeing(browser, live_server.url, lambda login: furnished.people[login].user) as sees:
        yield sees


def test_a_request_can_be_asked_for_without_javascript(open_page: See) -> None:
    page = open_page("researcher", FORM, java_script_enabled=False, viewport={"width": 360, "height": 800})
    page.get_by_role("button", name="Preview request").click()
    expect(page.get_by_role("heading", name="things to fix")).to_be_visible()
    page.get_by_label("Title").fill("Incidence by region")
    page.get_by_label("Purpose").fill("The first figure of the protocol.")
    page.get_by_label("From").fill("2019-01-01")
    page.get_by_label("To", exact=True).fill("2024-12-31")
    page.get_by_role("radio", name="region").check()
    page.get_by_label("Controls for incidence.csv").fill("counts under 10 suppressed")
    page.get_by_label("Controls for incidence.png").fill("drawn from the same counts")
    page.get_by_role("button", name="Preview request").click()
    expect(page.get_by_role("button", name="Send request")).to_be_visible()
    expect(page.locator("pre")).to_contain_text("job: incidence_by_region")


def test_the_menu_opens_without_javascript_on_a_narrow_screen(open_page: See) -> None:
    page = open_page("researcher", "/", java_script_enabled=False, viewport={"width": 360, "height": 800})
    expect(page.get_by_role("link", name="Requests", exact=True)).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Requests", exact=True).click()
    expect(page.get_by_role("heading", name="Requests", level=1)).to_be_visible()


def test_what_is_wrong_with_a_form_takes_the_focus(open_page: See) -> None:
    page = open_page("researcher", FORM)
    page.get_by_role("button", name="Preview request").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("link", name="Enter a title").click()
    expect(page.get_by_label("Title")).to_be_focused()


def test_keys_walk_a_list_and_rest_in_fields(open_page: See) -> None:
    page = open_page("researcher", "/requests/")
    links = page.locator("[data-list] .first > a")
    page.keyboard.press("j")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_label("Title or id")).to_be_focused()
    page.keyboard.press("j")
    expect(page.get_by_label("Title or id")).to_have_value("j")
    links.nth(0).focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def test_a_thread_shows_by_itself_what_the_node_reports(open_page: See) -> None:
    page = open_page("researcher", "/projects/heart_study/requests/2026-11-22-running-a1b2/")
    expect(page.locator("#status .badge")).to_have_text("Running")
    page.get_by_label("Comment").fill("Half a thought")
    Lane.objects.update(state=Lane.State.COLLECTING)
    expect(page.locator("#status .badge")).to_have_text("Collecting", timeout=15_000)
    expect(page.locator("#progress .lane .badge")).to_have_text("Collecting")
    expect(page.locator("#said")).to_contain_text("Collecting")
    expect(page.get_by_label("Comment")).to_have_value("Half a thought")
    Lane.objects.update(state=Lane.State.RELEASED)
    expect(page.locator("#status .badge")).to_have_text("Released", timeout=15_000)
    assert page.locator("#progress").get_attribute("hx-get") is None
