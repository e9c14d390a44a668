"""The node's own evidence, with the true client, Git and gate against a GitHub that answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from lockgate.evidence import (
    Approved,
    Commit,
    Expected,
    GitHubReader,
    Held,
    Judgement,
    Mirror,
    Undecided,
    examine_merge,
)
from lockgate.formats import Kind, write_job_request
from tests.evidence.github import NODE_APP, PORTAL_APP, REPOSITORY, GitHub
from tests.gate.repository import Repository
from tests.gate.study import REQUEST, REQUEST_PATH

NOWHERE = "http://127.0.0.1:9"
EXPECTED = Expected(REPOSITORY, "main", PORTAL_APP)
GOOD = {REQUEST_PATH: write_job_request(REQUEST)}
Examine = Callable[..., Judgement]


@pytest.fixture
def examine(github: GitHub, mirror: Mirror, token: str) -> Examine:
    """Fetch, and judge one commit of main as of an hour from now, as `bearer` sees the GitHub at `url`."""

    def run(merge: str | Commit, *, url: str = github.url, bearer: str = token) -> Judgement:
        mirror.fetch()
        with GitHubReader(url, lambda: bearer, REPOSITORY) as reader:
            return examine_merge(
                merge if isinstance(merge, Commit) else mirror.one(merge),
                mirror=mirror,
                reader=reader,
                expected=EXPECTED,
                node_accounts={"north": 4002, "south": 4003},
                now=datetime.now(UTC) + timedelta(hours=1),
            )

    return run


@dataclass(frozen=True)
class Sent:
    number: int
    head: str


@pytest.fixture
def send(github: GitHub, work: Repository, request: pytest.FixtureRequest) -> Callable[..., Sent]:
    """A pull request of the researcher with these files, on a branch of this test's own."""
    branch = "request/" + re.sub("[^a-z]+", "-", request.node.name).strip("-")

    def run(files: dict[str, bytes] = GOOD) -> Sent:
        head = work.commit(files, branch=branch)
        github.push(work, f"{branch}:{branch}")
        return Sent(github.open(branch), head)

    return run


def test_an_approved_merge_is_approved_on_read_only_evidence(
    github: GitHub, send: Callable[..., Sent], examine: Examine
) -> None:
    sent = send()
    github.post_policy(sent.head, "success")
    merge = github.merge(sent.number, sent.head)
    assert examine(merge) == Approved(
        sent.number, 1001, sent.head, merge, Kind.JOB_REQUEST, REQUEST.id, ("north",)
    )


@pytest.mark.parametrize(
    "words",
    [
        [],
        [("failure", PORTAL_APP)],
        [(None, PORTAL_APP)],
        [("success", NODE_APP)],
        [("success", PORTAL_APP), ("failure", PORTAL_APP)],
        [("success", PORTAL_APP), (None, PORTAL_APP)],
    ],
    ids=["nothing", "failure", "in progress", "another App", "taken back", "begun again"],
)
def test_merged_past_the_policy_is_held(
    words: list[tuple[str | None, int]], github: GitHub, send: Callable[..., Sent], examine: Examine
) -> None:
    sent = send()
    for conclusion, app in words:
        github.post_policy(sent.head, conclusion, app)
    judgement = examine(github.merge(sent.number, sent.head))
    assert isinstance(judgement, Held)
    assert "Merged without approval" in judgement.reason


def test_what_the_gate_refuses_is_held_though_the_policy_was_green(
    github: GitHub, send: Callable[..., Sent], examine: Examine
) -> None:
    sent = send({REQUEST_PATH: b"version: 1\n"})
    github.post_policy(sent.head, "success")
    judgement = examine(github.merge(sent.number, sent.head))
    assert isinstance(judgement, Held)
    assert REQUEST_PATH in judgement.reason


def test_a_merge_pushed_by_hand_is_held(github: GitHub, work: Repository, examine: Examine) -> None:
    head = work.commit(GOOD, branch="hand")
    merge = work.commit(GOOD, parents=(work.tip(), head), branch="main")
    github.push(work, "main:main", "maintainer")
    assert isinstance(examine(merge), Held)


def test_a_second_merge_of_an_approved_head_is_held(
    github: GitHub, work: Repository, send: Callable[..., Sent], examine: Examine
) -> None:
    """Somebody who may push adds their own content under the name of an approved pull request."""
    sent = send()
    github.post_policy(sent.head, "success")
    merge = github.merge(sent.number, sent.head)
    assert isinstance(examine(merge), Approved)
    evil = work.commit({**GOOD, "jobs/evil.yaml": b"x"}, parents=(work.tip(), sent.head), branch="main")
    github.push(work, "main:main", "maintainer")
    assert isinstance(examine(evil), Held)


@pytest.mark.parametrize(
    "more",
    [
        {REQUEST_PATH: write_job_request(replace(REQUEST, purpose="Something that nobody approved."))},
        {"governance.yaml": b"version: 1\n"},
    ],
    ids=["another request", "another file beside it"],
)
def test_an_approved_head_merged_by_hand_with_another_content_is_held(
    more: dict[str, bytes],
    github: GitHub,
    work: Repository,
    send: Callable[..., Sent],
    examine: Examine,
) -> None:
    """GitHub counts any commit of main with the head as a parent as the pull request's merge."""
    sent = send()
    github.post_policy(sent.head, "success")
    evil = work.commit({**GOOD, **more}, parents=(work.tip(), sent.head), branch="main")
    github.push(work, "main:main", "maintainer")
    judgement = examine(evil)
    assert isinstance(judgement, Held)
    assert "something else than the head" in judgement.reason


def test_a_commit_without_a_pull_request_is_held_without_asking_anybody(
    github: GitHub, work: Repository, examine: Examine
) -> None:
    direct = work.commit(GOOD, branch="main")
    github.push(work, "main:main", "maintainer")
    assert isinstance(examine(direct, url=NOWHERE), Held)


def test_a_github_that_is_down_or_denies_makes_it_undecided_and_never_held(
    github: GitHub, send: Callable[..., Sent], examine: Examine
) -> None:
    sent = send()
    github.post_policy(sent.head, "success")
    merge = github.merge(sent.number, sent.head)
    assert isinstance(examine(merge, url=NOWHERE), Undecided)
    denied = examine(merge, bearer="ghs_wrong")
    assert isinstance(denied, Undecided)
    assert "token" in denied.reason


def test_a_commit_that_github_does_not_know_is_undecided(examine: Examine) -> None:
    unknown = Commit("1" * 40, ("2" * 40, "3" * 40), datetime.now(UTC))
    assert isinstance(examine(unknown), Undecided)
