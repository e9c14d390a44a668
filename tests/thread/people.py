"""People of the demo in a real browser, each doing what their role does, by the words on the pages."""

from __future__ import annotations

import itertools
import re
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import SCHEMES, TOO_WIDE, WIDTHS, keep

DECISION = "section[aria-labelledby=decision]"
PATIENCE = 90.0  # seconds until a state of the thread must have come


@dataclass(frozen=True)
class Request:
    """A job request that somebody sent: its project and id."""

    project: str
    slug: str

    @property
    def path(self) -> str:
        return f"/projects/{self.project}/requests/{self.slug}/"


@dataclass(frozen=True)
class Person:
    """Somebody signed in, with a browser of their own."""

    login: str
    portal: str
    context: BrowserContext
    page: Page

    @classmethod
    def signs_in(cls, browser: Browser, portal: str, login: str) -> Person:
        context = browser.new_context(accept_downloads=True)
        page = context.new_page()
        page.goto(f"{portal}/accounts/login/")
        page.get_by_role("button", name="Sign in with GitHub").click()
        page.get_by_role("button", name=login, exact=True).click()
        page.wait_for_url(f"{portal}/**")
        return cls(login, portal, context, page)

    def opens(self, path: str) -> int:
        """Go to a page of the portal; the status that it answers."""
        answer = self.page.goto(f"{self.portal}{path}")
        assert answer is not None
        return answer.status

    def asks_for(self, job: str, *, title: str, project: str = "heart_study") -> Request:
        """Fill in the form of a job type with its own defaults, look at the file, and send it."""
        self.opens(f"/projects/{project}/requests/new/{job}/")
        self.page.get_by_label("Title").fill(title)
        self.page.get_by_label("Purpose").fill("To show that the whole way from form to download holds.")
        for box in self.page.locator("input[name=outputs]").all():
            box.check()
            controls = self.page.locator(f"[name='controls.{box.get_attribute('value')}']")
            controls.fill("counts under 10 suppressed, the rest rounded to 5")
        self.page.locator("input[name=nodes]").first.check()
        self.page.get_by_role("button", name="Preview request").click()
        self.page.get_by_role("button", name="Send request").click()
        self.page.wait_for_url(re.compile(r"/requests/(\d{4}-|$)"))
        if self.page.url.endswith("/requests/"):  # it was sent, and could not be read yet
            self.waits_for("/requests/", f"main a:text-is('{title}')")
            self.page.get_by_role("link", name=title, exact=True).click()
            self.page.wait_for_url(re.compile(r"/requests/\d{4}-"))
        return Request(project, urlsplit(self.page.url).path.split("/")[4])

    def sees(self, request: Request, label: str, *, within: float = PATIENCE) -> None:
        """Wait until the thread's badge says this."""
        self.waits_for(request.path, f".title .badge >> text=/^{label}/", within=within)

    def waits_for(self, path: str, selector: str, *, within: float = PATIENCE) -> None:
        """Open the page again until it holds what is looked for."""
        deadline = time.monotonic() + within
        while True:
            self.opens(path)
            if self.page.locator(selector).count():
                return
            if time.monotonic() > deadline:
                shown = self.page.locator("main").inner_text()
                raise AssertionError(f"{selector} did not come within {within:.0f} s. Shown:\n{shown}")
            self.page.wait_for_timeout(300)

    def approves(self, path: str) -> None:
        """Press Approve on a page of decision, and again on the page that asks once more."""
        self.waits_for(path, f"{DECISION} a:text-is('Approve')")
        self.page.locator(DECISION).get_by_role("link", name="Approve", exact=True).click()
        self.page.get_by_role("button", name=re.compile("^Approve [0-9a-f]{7}")).click()
        self.page.get_by_text(re.compile("^Approved [0-9a-f]{7}")).first.wait_for()

    def merges(self, path: str) -> None:
        """Press Merge once the quorum is met, and again on the page that asks once more."""
        self.waits_for(path, f"{DECISION} a:text-matches('^Merge')")
        self.page.locator(DECISION).get_by_role("link", name=re.compile("^Merge")).click()
        self.page.get_by_role("button", name=re.compile("^Merge")).click()
        self.page.get_by_text(re.compile("^Merged [0-9a-f]{7}")).first.wait_for()

    def makes_token(self, name: str) -> str:
        """A personal token for DVC, read off the page that shows it once."""
        self.opens("/account/tokens/")
        self.page.get_by_label("Where will you use it?").fill(name)
        self.page.get_by_role("button", name="Make a token").click()
        return self.page.locator("pre.command").first.inner_text().strip()

    def shows(self, path: str, name: str) -> list[str]:
        """Look at a page at each width, light and dark; what is wrong with it."""
        wrong: list[str] = []
        self.opens(path)
        for width, scheme in itertools.product(WIDTHS, SCHEMES):
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.emulate_media(color_scheme=scheme)
            keep(self.page, f"{name}-{width}-{scheme}")
            if self.page.evaluate(TOO_WIDE):
                wrong.append(f"wider than its window at {width}")
        found = Axe().run(self.page)
        self.page.set_viewport_size({"width": 1280, "height": 900})
        return wrong + ([found.generate_report()] if found.violations_count else [])

    def leaves(self) -> None:
        self.context.close()
