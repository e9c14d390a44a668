"""Whatever GitHub does on the way, a thread ends with one run and one release."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from standins.github.faults.switches import CallEffect, WebhookEffect
from tests.thread.demo import RunningDemo
from tests.thread.outside import REPOSITORY, administrator, runs_of
from tests.thread.people import Request
from tests.thread.stubborn import Stubborn
from tests.thread.switches import Switch, limits_bite, switched
from tests.thread.test_crashes import database
from tests.thread.test_thread import manifest_of

pytestmark = pytest.mark.timeout(600)
Effect = CallEffect | WebhookEffect
C, W = CallEffect, WebhookEffect
PORTAL_APP = 3001
OVER_TIME = 16  # seconds: longer than the portal waits for GitHub
OVER_TICK = 6  # seconds: longer than the sensor waits
OFTEN = 1000  # more often than a thread could
LIMITED = "GitHub takes no more requests until"
OUTPUTS = 1  # of the job that is asked for
RELEASED = """SELECT state, (SELECT count(*) FROM released_object WHERE release = release.id)
FROM release WHERE request = %s"""

Call = dict[str, Any]
BRANCH: Call = {"method": "POST", "path": "*/git/refs", "body": "heads/request/"}
COMMIT: Call = {"method": "POST", "path": "*/graphql", "body": "createCommitOnBranch"}
OPENING: Call = {"method": "POST", "path": "*/pulls", "body": '"request/'}
CHECK: Call = {"method": "POST", "path": "*/check-runs", "body": "lockgate/policy"}
APPROVAL: Call = {"method": "POST", "path": "*/reviews"}
MERGE: Call = {"method": "PUT", "path": "*/merge"}
RESULT_COMMIT: Call = {"method": "POST", "path": "*/git/commits", "body": "Add results"}
RESULT_BRANCH: Call = {"method": "POST", "path": "*/git/refs", "body": "heads/results/"}
RESULT_OPENING: Call = {"method": "POST", "path": "*/pulls", "body": '"results/'}
LOOK: Call = {"method": "POST", "path": "*/graphql", "body": "reviews(first"}
MERGED_BY: Call = {"method": "GET", "path": "*/commits/*/pulls"}
POLICY: Call = {"method": "GET", "path": "*/commits/*/check-runs"}
FETCH: Call = {"method": "POST", "path": "*/git-upload-pack"}
WRITES = (BRANCH, COMMIT, OPENING, CHECK, APPROVAL, MERGE, RESULT_COMMIT, RESULT_BRANCH, RESULT_OPENING)
READS = (LOOK, MERGED_BY, POLICY, FETCH)
TWICE = (OPENING, CHECK, MERGE)
FAILING = [{**call, "times": 2 if call in TWICE else 1} for call in (*WRITES, *READS)]

SWITCHES: dict[Effect, list[Call]] = {
    C.SLOW: [
        {**OPENING, "seconds": OVER_TIME},
        {**POLICY, "seconds": OVER_TICK},
        *({**call, "seconds": 2, "times": 2} for call in (CHECK, LOOK, FETCH)),
    ],
    C.SLOW_ANSWER: [
        {**MERGE, "seconds": OVER_TIME},
        *({**call, "seconds": 2} for call in (COMMIT, APPROVAL, RESULT_OPENING, MERGED_BY)),
    ],
    C.FAIL_BEFORE: FAILING,
    C.FAIL_AFTER: FAILING,
    C.PRIMARY_LIMIT: [{**call, "seconds": 2} for call in (OPENING, CHECK, MERGE, RESULT_BRANCH, POLICY)],
    C.SECONDARY_LIMIT: [
        {**call, "seconds": 2} for call in (COMMIT, LOOK, APPROVAL, RESULT_OPENING, MERGED_BY)
    ],
    W.DROP: [{"times": OFTEN}],
    W.FAIL: [{"times": OFTEN}],
    W.DOUBLE: [{"times": OFTEN}],
    W.REORDER: [{"event": "check_*", "times": OFTEN, "seconds": 2}],
    W.DELAY: [{"event": "pull_request*", "times": OFTEN, "seconds": 3}],
}
# A thread costs a run on the node; so each meets several faults that do not hide one another.
TOGETHER: tuple[tuple[Effect, ...], ...] = (
    (C.SLOW, C.SLOW_ANSWER, W.DROP),
    (C.FAIL_BEFORE, W.DOUBLE),
    (C.FAIL_AFTER, W.REORDER, W.DELAY),
    (C.PRIMARY_LIMIT, C.SECONDARY_LIMIT, W.FAIL),
)


@dataclass(frozen=True)
class Walked:
    """A thread at its end: the switches that it did not meet, by effect, and what people were told."""

    asked: Request
    untouched: dict[Effect, list[Switch]]
    told: list[str]


@dataclass
class Crowd:
    """The people of a thread, signed in once; and the threads that they have walked, by their faults."""

    demo: RunningDemo
    researcher: Stubborn
    controller: Stubborn
    second: Stubborn
    _walked: dict[tuple[Effect, ...], Walked] = field(default_factory=dict)

    def walked(self, effect: Effect) -> Walked:
        """The thread that met this effect."""
        (together,) = [group for group in TOGETHER if effect in group]
        if together not in self._walked:
            self._walked[together] = self._walk(together)
        return self._walked[together]

    def _walk(self, effects: tuple[Effect, ...]) -> Walked:
        people = (self.researcher, self.controller, self.second)
        before = [len(person.told) for person in people]
        switches = [_said(effect, call) for effect in effects for call in SWITCHES[effect]]
        with switched(self.demo, switches) as board, self._limited(effects):
            asked = self._thread(" and ".join(effects))
            untouched = {effect: board.untouched(effect) for effect in effects}
        told = [words for person, known in zip(people, before, strict=True) for words in person.told[known:]]
        return Walked(asked, untouched, told)

    def _limited(self, effects: tuple[Effect, ...]) -> AbstractContextManager[None]:
        """The thread that meets limits begins while they bite everybody, until the researcher is told."""
        if C.SECONDARY_LIMIT not in effects:
            return nullcontext()
        told, known = self.researcher.told, len(self.researcher.told)
        return limits_bite(self.demo, until=lambda: any(LIMITED in said for said in told[known:]))

    def _thread(self, title: str) -> Request:
        asked = self.researcher.asks_for("outcomes_by_group", title=f"In spite of {title}")
        self.controller.approves(f"{asked.path}review/")
        self.controller.merges(f"{asked.path}review/")
        self.controller.sees(asked, "Outputs in review")
        outputs = f"{asked.path}outputs/north/"
        self.controller.approves(outputs)
        self.second.approves(outputs)
        self.second.merges(outputs)
        self.researcher.sees(asked, "Released")
        return asked


def _said(effect: Effect, call: Call) -> Switch:
    return {
        "on": "call" if isinstance(effect, CallEffect) else "webhook",
        "effect": effect,
        "times": 1,
        **call,
    }


@pytest.fixture(scope="module")
def crowd(demo: RunningDemo) -> Iterator[Crowd]:
    logins = ("researcher", "controller", "controller-2")
    people = [Stubborn.signs_in(demo.portal, login) for login in logins]
    yield Crowd(demo, *people)
    for person in people:
        person.leaves()


def test_every_switch_has_a_thread() -> None:
    assert sorted(effect for group in TOGETHER for effect in group) == sorted([*CallEffect, *WebhookEffect])


@pytest.mark.parametrize("effect", [*CallEffect, *WebhookEffect], ids=str)
def test_a_thread_ends_with_one_run_and_one_release(
    effect: Effect, crowd: Crowd, demo: RunningDemo, tmp_path: Path
) -> None:
    walked = crowd.walked(effect)
    asked = walked.asked
    assert not walked.untouched[effect], "the thread met none of these"
    assert walked.told, "nobody was told that something failed"
    assert [run["status"] for run in runs_of(demo, asked.slug)] == ["SUCCESS"]
    for branch in (f"request/{asked.slug}", f"results/{asked.slug}/"):
        assert_merged_once(demo, branch)
    assert_released_once(demo, asked)
    assert_downloads(crowd.researcher, asked, manifest_of(asked, demo, tmp_path))


def assert_merged_once(demo: RunningDemo, branch: str) -> None:
    """One pull request from such a branch, one merge of it on main, one green check on its head."""
    github = administrator(demo)
    pulls = github.call("GET", f"/repos/{REPOSITORY}/pulls?state=all&per_page=100")
    (pull,) = [each for each in pulls if each["head"]["ref"].startswith(branch)]
    head = pull["head"]["sha"]
    commits = github.call("GET", f"/repos/{REPOSITORY}/commits?per_page=100")
    assert [head in [parent["sha"] for parent in each["parents"][1:]] for each in commits].count(True) == 1
    checks = [each for each in github.checks_of(head) if each["app"]["id"] == PORTAL_APP]
    assert [each["conclusion"] for each in checks].count("success") == 1
    assert max(checks, key=lambda each: each["id"])["conclusion"] == "success"


def assert_released_once(demo: RunningDemo, asked: Request) -> None:
    with psycopg.connect(database(demo, "node")) as connection:
        found = connection.execute(RELEASED, [asked.slug]).fetchall()
    assert found == [("released", OUTPUTS)]


def assert_downloads(researcher: Stubborn, asked: Request, promised: dict[str, str]) -> None:
    """What was published is what the merged manifest says, and all of it."""
    published = f"/projects/{asked.project}/publications/{asked.slug}/north"
    given = {name: researcher.http.get(f"{published}/{name}") for name in promised}
    assert {name: hashlib.sha256(each.content).hexdigest() for name, each in given.items()} == promised
