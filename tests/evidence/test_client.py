"""GitHub's failures in our own words, and a token that goes nowhere but to GitHub's API."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from lockgate.errors import LockgateError
from lockgate.evidence import (
    GitHubClient,
    GitHubDenied,
    GitHubMissing,
    GitHubMoved,
    GitHubReader,
    GitHubRefused,
    GitHubUnavailable,
    GitHubUnreadable,
)
from lockgate.github import api_version, rest_url
from tests.conformance.prepare import VERSION

HOST = "http://github.example"
Answer = Callable[[httpx.Request], httpx.Response]


def client(answer: Answer) -> GitHubClient:
    return GitHubClient(HOST, lambda: "secret-token", transport=httpx.MockTransport(answer))


def reader(answer: Answer) -> GitHubReader:
    transport = httpx.MockTransport(answer)
    return GitHubReader(HOST, lambda: "secret-token", "health/heart", transport=transport)


def always(status: int, *, headers: dict[str, str] | None = None, **body: object) -> Answer:
    return lambda _: httpx.Response(status, headers=headers, json=body)


@pytest.mark.parametrize(
    ("url", "api"),
    [
        ("https://github.com", "https://api.github.com"),
        ("https://github.com/", "https://api.github.com"),
        ("http://127.0.0.1:8401", "http://127.0.0.1:8401/api/v3"),
        ("https://git.example/", "https://git.example/api/v3"),
    ],
)
def test_the_api_lies_where_this_github_has_it(url: str, api: str) -> None:
    assert rest_url(url) == api


def test_a_server_is_asked_in_a_version_that_it_knows_and_every_other_github_in_the_newest() -> None:
    newest = {
        api_version(url) for url in ("https://github.com", "https://github.com/", "http://127.0.0.1:8401")
    }
    assert newest == {VERSION}
    assert api_version("https://git.example") == "2022-11-28"
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={})

    client(answer).get("/meta")
    assert asked[0].headers["x-github-api-version"] == "2022-11-28"


@pytest.mark.parametrize(
    ("answer", "error", "retryable"),
    [
        (always(401), GitHubDenied, False),
        (always(403), GitHubDenied, False),
        (always(403, headers={"retry-after": "60"}), GitHubUnavailable, True),
        (always(403, headers={"x-ratelimit-remaining": "0"}), GitHubUnavailable, True),
        (always(429), GitHubUnavailable, True),
        (always(500), GitHubUnavailable, True),
        (always(503), GitHubUnavailable, True),
        (always(404), GitHubMissing, False),
        (always(422, message="No commit found for SHA"), GitHubRefused, False),
        (always(302, headers={"location": "http://elsewhere.example"}), GitHubMoved, False),
        (lambda _: httpx.Response(200, text="<html>"), GitHubUnreadable, False),
    ],
)
def test_each_failure_has_its_name_and_says_whether_waiting_helps(
    answer: Answer, error: type[LockgateError], retryable: bool
) -> None:
    with pytest.raises(error) as raised:
        client(answer).get("/user")
    assert raised.value.retryable is retryable
    assert "secret-token" not in str(raised.value)


def test_a_github_that_does_not_answer_is_unavailable() -> None:
    def silent(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("slow", request=request)

    with pytest.raises(GitHubUnavailable) as raised:
        client(silent).get("/user")
    assert raised.value.retryable


def test_every_page_is_read() -> None:
    def pages(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params.get("page", "1"))
        link = f'<{HOST}/api/v3/list?page={page + 1}>; rel="next"' if page < 3 else ""
        return httpx.Response(200, json=[page], headers={"link": link})

    assert list(client(pages).pages("/list")) == [1, 2, 3]


def test_the_token_never_follows_a_link_to_another_host() -> None:
    asked: list[str] = []

    def luring(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(200, json=[1], headers={"link": '<http://evil.example/api/v3/x>; rel="next"'})

    with pytest.raises(GitHubUnreadable):
        list(client(luring).pages("/list"))
    assert asked == ["github.example"]


def test_a_renewed_token_is_used_at_once() -> None:
    tokens = iter(["old", "new"])
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["authorization"])
        return httpx.Response(200, json={})

    renewing = GitHubClient(HOST, lambda: next(tokens), transport=httpx.MockTransport(answer))
    renewing.get("/a")
    renewing.get("/b")
    assert seen == ["Bearer old", "Bearer new"]


PULL = {
    "number": 7,
    "user": {"id": 1001},
    "base": {"ref": "main", "repo": {"full_name": "health/heart"}},
    "head": {"sha": "a" * 40},
    "merged_at": "2026-11-23T09:14:05Z",
}


MERGED_BY = {"oid": "c" * 40}


def one_pull(value: object, *, merge: object = MERGED_BY) -> Answer:
    """A GitHub that tells this pull request, and by GraphQL the commit that merged it."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/graphql":
            return httpx.Response(200, json={"data": {"repository": {"pullRequest": {"mergeCommit": merge}}}})
        return httpx.Response(200, json=[value])

    return answer


def test_a_merged_pull_request_is_read() -> None:
    (pull,) = reader(one_pull(PULL)).pull_requests_of("c" * 40)
    assert (pull.number, pull.author, pull.merged, pull.merge) == (7, 1001, True, "c" * 40)


@pytest.mark.parametrize("lacking", sorted(PULL))
def test_a_pull_request_that_lacks_a_fact_is_unreadable(lacking: str) -> None:
    value = {name: entry for name, entry in PULL.items() if name != lacking}
    with pytest.raises(GitHubUnreadable):
        reader(one_pull(value)).pull_requests_of("c" * 40)


@pytest.mark.parametrize("user", [None, {}, {"id": "1001"}])
def test_a_pull_request_of_nobody_is_unreadable(user: object) -> None:
    with pytest.raises(GitHubUnreadable):
        reader(one_pull({**PULL, "user": user})).pull_requests_of("c" * 40)


@pytest.mark.parametrize("merge", [{}, {"oid": None}, "c" * 40])
def test_a_merge_commit_that_is_not_told_is_unreadable(merge: object) -> None:
    with pytest.raises(GitHubUnreadable):
        reader(one_pull(PULL, merge=merge)).pull_requests_of("c" * 40)


def test_an_open_pull_request_has_no_merge_commit() -> None:
    (pull,) = reader(one_pull({**PULL, "merged_at": None}, merge="never asked")).pull_requests_of("c" * 40)
    assert (pull.merged, pull.merge) == (False, None)


@pytest.mark.parametrize("body", [{"errors": [{"message": "x"}], "data": None}, {"data": None}, [], {}])
def test_a_question_without_an_answer_is_no_answer(body: object) -> None:
    with pytest.raises((GitHubUnavailable, GitHubUnreadable)):
        client(lambda _: httpx.Response(200, json=body)).query("query { viewer { login } }")


def test_all_runs_of_the_policy_are_asked_for_not_only_the_latest() -> None:
    asked: list[httpx.URL] = []
    run = {"id": 5, "name": "lockgate/policy", "app": {"id": 3001}, "head_sha": "a" * 40, "conclusion": None}

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(200, json={"total_count": 1, "check_runs": [run]})

    (found,) = reader(answer).policy_runs("a" * 40, "lockgate/policy")
    assert (found.id, found.app_id, found.conclusion) == (5, 3001, None)
    assert asked[0].params["filter"] == "all"
    assert asked[0].params["check_name"] == "lockgate/policy"
