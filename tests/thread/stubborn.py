"""People of the demo without a browser, who press again where they were told that it failed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

import httpx

from tests.services.ports import wait_until
from tests.thread.page import Button, Form, Page
from tests.thread.people import Request

PATIENCE = 240.0  # seconds until an act must stand or a state must have come
LOOKS_EVERY = 0.5  # seconds
TELLING = (HTTPStatus.CONFLICT, HTTPStatus.SERVICE_UNAVAILABLE)  # what failed, and whether to press again
FILE = re.compile(r"jobs/(\S+)\.yaml")  # the file of a request, as its preview names it


@dataclass
class Stubborn:
    """Somebody signed in. `told` holds what pages said of acts that failed."""

    login: str
    portal: str
    http: httpx.Client
    told: list[str] = field(default_factory=list)

    @classmethod
    def signs_in(cls, portal: str, login: str) -> Stubborn:
        http = httpx.Client(base_url=portal, follow_redirects=True, timeout=60, trust_env=False)
        person = cls(login, portal, http)
        choice = person.presses(person.opens("/accounts/login/"), "Sign in with GitHub")
        assert person.presses(choice, login).url.startswith(portal)
        return person

    def opens(self, path: str) -> Page:
        return self._reads(self.http.get(path))

    def presses(self, page: Page, button: str) -> Page:
        """Send the form of this button as it stands; what comes back, good news or bad."""
        found = page.form(button)
        assert found is not None, f"{page.url} has no button {button!r}: {page.words}"
        return self._sends(*found)

    def asks_for(self, job: str, *, title: str, project: str = "heart_study") -> Request:
        """Fill in the form, look at the file, send it until it is sent, and see it among the requests."""
        page = self.opens(f"/projects/{project}/requests/new/{job}/")
        found = page.form("Preview request")
        assert found is not None
        form, button = found
        form.fields |= {"title": [title], "purpose": ["To show that nothing keeps a thread from its end."]}
        for output in form.ticks("outputs"):
            form.fields[f"controls.{output}"] = ["counts under 10 suppressed, the rest rounded to 5"]
        form.ticks("nodes")
        preview = self._sends(form, button)
        named = FILE.search(preview.words)
        assert named is not None
        self._until(preview.url, "Send request", lambda page: page.url != preview.url)
        listed = lambda: self.opens("/requests/").link(title) is not None  # noqa: E731
        wait_until(listed, what=title, seconds=PATIENCE, every=LOOKS_EVERY)
        return Request(project, named[1])

    def approves(self, path: str) -> None:
        self._decides(path, "Approve", stands="You approved")

    def merges(self, path: str) -> None:
        self._decides(path, "Merge", stands="Already merged by")

    def sees(self, request: Request, label: str) -> None:
        """Wait until the thread says that it stands so."""
        wait_until(
            lambda: self.opens(request.path).title.startswith(f"{label}:"),
            what=f"{label!r} of {request.slug}",
            seconds=PATIENCE,
            every=LOOKS_EVERY,
        )

    def leaves(self) -> None:
        self.http.close()

    def _decides(self, path: str, act: str, *, stands: str) -> None:
        """Wait until the act is offered, then press until its own page says that it stands."""
        offered: list[str] = []

        def is_offered() -> bool:
            offered.extend(filter(None, [self.opens(path).link(act)]))
            return bool(offered)

        wait_until(is_offered, what=f"{act} on {path}", seconds=PATIENCE, every=LOOKS_EVERY)
        self._until(offered[0], act, lambda page: stands in page.words)

    def _until(self, path: str, button: str, stands: Callable[[Page], bool]) -> None:
        """Open a page and press its button, again and again, until what comes of it stands."""

        def is_so() -> bool:
            page = self.opens(path)
            if not stands(page) and page.form(button) is not None:
                page = self.presses(page, button)
            return page.status < HTTPStatus.BAD_REQUEST and stands(page)

        wait_until(is_so, what=f"{button} on {path}", seconds=PATIENCE, every=LOOKS_EVERY)

    def _sends(self, form: Form, button: Button) -> Page:
        pressed = {button.name: button.value} if button.name else {}
        return self._reads(self.http.post(form.action, data=form.fields | pressed))

    def _reads(self, answer: httpx.Response) -> Page:
        """A page that says what failed and what to do is one that people can live with; a trace is none."""
        page = Page.of(answer)
        if page.status >= HTTPStatus.BAD_REQUEST:
            self.told.append(page.words)
            assert page.status in TELLING, (page.url, page.status, page.words)
            assert "Traceback" not in answer.text
            assert page.heading
        return page
