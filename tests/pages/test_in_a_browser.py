"""The pages in Chromium: narrow and wide, light and dark, without JavaScript, by keyboard, and live."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright

from jobs.models import Lane
from tests.pages import world as arrange
from tests.pages.said import APPROVED, FAILED
from tests.pages.world import SLUG, World

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium"),
]
THREAD = f"/projects/heart_study/requests/{SLUG}/"
FORM = "/projects/heart_study/requests/new/incidence_by_region/"
PAGES = [
    (None, "/accounts/login/"),
    ("controller", "/"),
    ("maintainer", "/"),
    ("controller", "/reviews/?tab=all"),
    ("researcher", "/projects/heart_study/"),
    ("maintainer", "/nodes/north/"),
    ("researcher", THREAD),
    ("controller", f"{THREAD}review/"),
    ("controller", "/projects/heart_study/changes/1/approve/"),
    ("researcher", FORM),
    ("researcher", "/account/"),
    ("outsider", THREAD),
]
LOOKS = [(360, "dark"), (1440, "light")]
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Playwright keeps a loop in this thread; the rows are still made and read from it, one at a time."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def furnished(chromium: Browser, live_server: Any) -> World:
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
def open_page(chromium: Browser, live_server: Any, furnished: World) -> Iterator[Open]:
    contexts = []

    def opened(login: str | None, path: str, **options: Any) -> Page:
        context = chromium.new_context(**options)
        contexts.append(context)
        if login is not None:
            client = Client()
            user = furnished.people[login].user
            assert user is not None
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
            value = client.cookies[settings.SESSION_COOKIE_NAME].value
            cookie = {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}
            context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        page.goto(f"{live_server.url}{path}")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_axe_finds_nothing_and_no_page_is_wider_than_its_window(
    width: int, scheme: str, open_page: Open
) -> None:
    axe = Axe()
    for login, path in PAGES:
        page = open_page(login, path, viewport={"width": width, "height": 900}, color_scheme=scheme)
        found = axe.run(page)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
        overflow = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(overflow), path
        page.close()


def test_a_request_can_be_asked_for_without_javascript(open_page: Open) -> None:
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


def test_the_menu_opens_without_javascript_on_a_narrow_screen(open_page: Open) -> None:
    page = open_page("researcher", "/", java_script_enabled=False, viewport={"width": 360, "height": 800})
    expect(page.get_by_role("link", name="Requests", exact=True)).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Requests", exact=True).click()
    expect(page.get_by_role("heading", name="Requests", level=1)).to_be_visible()


def test_what_is_wrong_with_a_form_takes_the_focus(open_page: Open) -> None:
    page = open_page("researcher", FORM)
    page.get_by_role("button", name="Preview request").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("link", name="Enter a title").click()
    expect(page.get_by_label("Title")).to_be_focused()


def test_keys_walk_a_list_and_rest_in_fields(open_page: Open) -> None:
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


def test_a_thread_shows_by_itself_what_the_node_reports(open_page: Open) -> None:
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
