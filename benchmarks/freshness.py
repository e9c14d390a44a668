"""From a change on GitHub to the page that shows it: by webhook, and with all webhooks lost.

The floor beside it is reading the change back from GitHub itself.
"""

from __future__ import annotations

import base64
import html
import re
import sqlite3
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from benchmarks import reports
from tests.thread.demo import RunningDemo, running

BY_WEBHOOK, LOST, LONGEST = 20, 4, 120.0
NOWHERE = "http://127.0.0.1:9/"


@dataclass(frozen=True)
class Change:
    """An open pull request of the demo, whose title is changed on GitHub and looked for on its page."""

    demo: RunningDemo
    github: httpx.Client
    portal: httpx.Client
    number: int
    page: str

    def seconds(self, title: str) -> tuple[float, float]:
        """Until GitHub itself tells the new title, and until the page shows it."""
        path = f"/repos/{self.demo.endpoints['code_repo']}/pulls/{self.number}"
        self.github.patch(path, json={"title": title}).raise_for_status()
        began = time.monotonic()
        assert self.github.get(path).json()["title"] == title
        floor = time.monotonic() - began
        while title not in self.portal.get(self.page).text:
            assert time.monotonic() - began < LONGEST, f"{title} never came"
            time.sleep(0.05)
        return floor, time.monotonic() - began


def run() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="lockgate-bench-") as folder,
        running(Path(folder) / "demo") as demo,
    ):
        change = _opened(demo)
        _report("change_to_page_by_webhook_seconds", change, BY_WEBHOOK)
        _lose_webhooks(demo)
        _report("change_to_page_with_webhooks_lost_seconds", change, LOST)


def _report(figure: str, change: Change, times: int) -> None:
    measured = [change.seconds(f"{figure} {number}") for number in range(times)]
    floor, values = ([pair[place] for pair in measured] for place in (0, 1))
    reports.line(
        figure,
        runs=times,
        median=round(statistics.median(values), 2),
        worst=round(max(values), 2),
        floor="reading the change back from GitHub",
        floor_median=round(statistics.median(floor), 3),
    )


def _opened(demo: RunningDemo) -> Change:
    """A pull request by the researcher, shown on its page."""
    token = demo.secrets["researcher_token"]
    github = httpx.Client(
        base_url=f"{demo.github}/api/v3", headers={"Authorization": f"Bearer {token}"}, trust_env=False
    )
    repo = f"/repos/{demo.endpoints['code_repo']}"
    tip = _said(github.get(f"{repo}/git/ref/heads/main"))["object"]["sha"]
    _said(github.post(f"{repo}/git/refs", json={"ref": "refs/heads/measured", "sha": tip}))
    content = base64.b64encode(b"Measured.\n").decode()
    file = {"message": "Add a note", "content": content, "branch": "measured"}
    _said(github.put(f"{repo}/contents/notes.txt", json=file))
    pull = {"title": "Measured", "head": "measured", "base": "main"}
    number = int(_said(github.post(f"{repo}/pulls", json=pull))["number"])
    portal = _signed_in(demo)
    project = re.search(r'href="(/projects/[a-z0-9_]+/)"', portal.get("/projects/").text)
    assert project is not None
    return Change(demo, github, portal, number, f"{project[1]}changes/{number}/")


def _signed_in(demo: RunningDemo) -> httpx.Client:
    """Press the button, choose the account on GitHub, come back."""
    portal = httpx.Client(base_url=demo.portal, trust_env=False, follow_redirects=False)
    page = portal.get("/accounts/login/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    asked = portal.post(
        "/accounts/github/login/",
        data={"csrfmiddlewaretoken": token[1]},
        headers={"Referer": f"{demo.portal}/accounts/login/"},
    )
    address = httpx.URL(asked.headers["location"])
    with httpx.Client(trust_env=False) as browser:
        hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', browser.get(address).text)
        form = {name: html.unescape(value) for name, value in hidden} | {"login": "researcher"}
        chosen = browser.post(address.copy_with(query=None), data=form)
    back = urlsplit(chosen.headers["location"])
    landed = portal.get(f"{back.path}?{back.query}")
    assert landed.is_redirect, landed.text
    return portal


def _said(answer: httpx.Response) -> Any:
    answer.raise_for_status()
    return answer.json()


def _lose_webhooks(demo: RunningDemo) -> None:
    """GitHub sends them to nobody from now on."""
    (store,) = demo.folder.rglob("github.sqlite3")
    with sqlite3.connect(store) as connection:
        connection.execute("UPDATE App SET webhook_url = ? WHERE webhook_url != ''", [NOWHERE])
