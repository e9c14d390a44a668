"""Chromium for tests: the pages as somebody signed in sees them, at each width, light and dark.

With LOCKGATE_SCREENSHOTS set to a folder (`make screenshots`) every look is kept there as a picture.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.services.chromium import GET_IT, chromium_here

if TYPE_CHECKING:  # the benchmarks use a browser too, without any Django
    from django.contrib.auth.models import User

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = (360, 768, 1440)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SHOTS = os.environ.get("LOCKGATE_SCREENSHOTS", "")
EVERY_LOOK = [(width, scheme) for width in WIDTHS for scheme in SCHEMES]
LOOKS = EVERY_LOOK if SHOTS else [(360, "dark"), (1440, "light")]
SIGNED_IN_BY = "allauth.account.auth_backends.AuthenticationBackend"
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
See = Callable[..., Page]
needs_chromium = pytest.mark.skipif(chromium_here() is None, reason="needs Debian's Chromium")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser; skips the test where Chromium is not installed."""
    found = chromium_here()
    if found is None:
        pytest.skip(f"Chromium is missing: {GET_IT}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def chromium_beside_rows() -> Iterator[Browser]:
    """Playwright keeps a loop in this thread; the rows are still made and read from it, one at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        with chromium() as browser:
            yield browser


@contextmanager
def seeing(browser: Browser, address: str, user_of: Callable[[str], User | None]) -> Iterator[See]:
    """Gives `see(login, path, **options)`: a page of the site at `address`, as this person or as nobody."""
    contexts = []

    def see(login: str | None, path: str, **options: Any) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        if login is not None:
            user = user_of(login)
            assert user is not None
            context.add_cookies([_session(user, address)])  # type: ignore[list-item]
        page = context.new_page()
        page.goto(f"{address}{path}")
        return page

    yield see
    for context in contexts:
        context.close()


def is_good(see: See, name: str, login: str | None, path: str, shows: str, **options: Any) -> None:
    """At each width and scheme: what the page is for is there, axe finds nothing, nothing sticks out."""
    page = see(login, path, **options)
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        expect(page.locator("main")).to_contain_text(shows)
        if options.get("java_script_enabled", True):
            found = Axe().run(page)
            assert found.violations_count == 0, f"{name} {width} {scheme}: {found.generate_report()}"
            assert not page.evaluate(TOO_WIDE), f"{name} is wider than {width}"
        keep(page, f"{name}-{width}-{scheme}")
    page.close()


def keep(page: Page, name: str) -> None:
    """Keep a picture, where somebody wants to look at them."""
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def _session(user: User, address: str) -> dict[str, str]:
    client = Client()
    client.force_login(user, backend=SIGNED_IN_BY)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    return {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": address}
