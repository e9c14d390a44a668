"""The hands that act in a history: each act is told by what it was, and whether it was refused."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import ExitStack
from random import Random
from typing import Any

from django.test import Client
from hypothesis import event, note
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from governance.models import Person
from lockgate.errors import LockgateError
from standins.github import store as rows
from tests.governance.seed import CODE_REPO, IDS, PERSONAL
from tests.governance.trouble import inside
from tests.governance.world import GOVERNANCE, a_request, request_file
from tests.histories.reckoning import reckon
from tests.histories.stage import Stage
from tests.histories.steps import drawn
from tests.services.ports import wait_until
from tests.standin_actions.ears import Heard

REPOSITORY = f"/repos/{CODE_REPO}"
REFUSALS = (403, 404, 405, 409, 422)
FILE = "heart_study/more.py"
HALF = 0.5


class Hands(RuleBasedStateMachine):
    def __init__(self, stage: Stage, happened: Counter[str]) -> None:
        super().__init__()
        self.stage, self.world, self.happened = stage, stage.world, happened
        self.made = 0
        self.late: list[Heard] = []
        self._history = ExitStack()
        self._history.enter_context(stage.history())

    @initialize(luck=some.randoms(use_true_random=True))
    def begins(self, luck: Random) -> None:
        self.luck = luck

    @rule()
    def goes_on(self) -> None:
        step = drawn(self.luck)
        note(f"{step}")
        getattr(self, step.name)(**step.said)

    def teardown(self) -> None:
        """Reckon up, unless the history broke off."""
        with self._history:
            if sys.exc_info()[1] is None:
                reckon(self.stage, lost=self.luck.random() < HALF)
                self.happened["histories"] += 1

    def _happened(self, what: str) -> None:
        self.happened[what] += 1
        event(what)

    def _in_the_portal(self, what: str, act: Any, **said: Any) -> None:
        try:
            act(**said)
        except LockgateError:
            self._happened(f"portal: {what}, refused")
        else:
            self._happened(f"portal: {what}")

    def _on_github(self, what: str, method: str, path: str, who: str, body: Any = None) -> None:
        headers = {"Authorization": f"Bearer {PERSONAL[who]}", "X-GitHub-Api-Version": "2026-03-10"}
        answer = self.stage.http.request(method, f"/api/v3{path}", json=body, headers=headers)
        assert answer.is_success or answer.status_code in REFUSALS, answer.text
        self._happened(f"GitHub: {what}{'' if answer.is_success else ', refused'}")

    def _push(self, what: str, branch: str, files: dict[str, str], **how: Any) -> bool:
        done = self.stage.push(branch, files, **how)
        to = "main" if branch == "main" else "branch"
        self._happened(f"git: {what} to {to}{'' if done else ', refused'}")
        return done

    def _rows(self, kind: Any, **equal: Any) -> list[Any]:
        return inside(self.world).store.find(kind, **equal)

    def _nth(self, change: int, state: str = "open") -> Any:
        """One of the pull requests of that state; of any where there is none."""
        found = self._rows(rows.PullRequest, state=state) or self._rows(rows.PullRequest)
        return found[change % len(found)]

    def _pull(self, change: int) -> str:
        return f"{REPOSITORY}/pulls/{self._nth(change).number}"

    def _row(self, change: int) -> Any:
        """The portal's row of it, which may be old; None where it does not know it yet."""
        number = self._nth(change).number
        rows = self.world.project.pull_requests.filter(number=number)
        return rows.select_related("author", "project", "node").first()

    def _person(self, login: str) -> Person:
        return Person.objects.get(account_id=IDS[login])

    def _tip(self, branch: str) -> str:
        site = inside(self.world)
        repository = site.repository_named(*CODE_REPO.split("/"))
        assert repository is not None
        return site.git(repository).ref(f"refs/heads/{branch}") or ""

    def _next(self) -> int:
        self.made += 1
        return self.made

    def _text(self) -> str:
        return f"Thought {self._next()}"

    def _slug(self) -> str:
        return f"2026-11-23-made-up-{self._next():04}"

    def _files(self, what: str, who: str) -> dict[str, str]:
        """Files of one commit; empty ones are removed by it."""
        code = {FILE: f"x = {self._next()}\n"}
        match what:
            case "request":
                return request_file(a_request(who, id=self._slug()))
            case "policy":
                return {"governance.yaml": f"{GOVERNANCE.decode()}# {self._next()}\n"}
            case "both":
                return code | request_file(a_request(who, id=self._slug()))
        return code

    def _heard(self) -> list[Heard]:
        """What the portal's App was told since it was last asked, in GitHub's order."""
        store = inside(self.world).store
        wait_until(lambda: not store.first(rows.Delivery, state="waiting"), what="the last delivery")
        heard = list(self.stage.ear.heard)
        self.stage.ear.heard.clear()
        return heard

    def _hand_over(self, told: Heard) -> int:
        names = ("x-github-event", "x-github-delivery", "x-hub-signature-256")
        headers = {name: told.headers[name] for name in names}
        kind = "application/json"
        return Client().post("/webhooks/github", told.body, content_type=kind, headers=headers).status_code
