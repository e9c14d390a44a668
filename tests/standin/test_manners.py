"""How the API answers: unknown callers, hidden things, pages, headers, times, and what is not there."""

from __future__ import annotations

import logging
import re

import pytest

from tests.standin.seeded import FULL_NAME, HERE
from tests.standin.world import World, refused


def test_unknown_credentials_are_401_everywhere(world: World) -> None:
    for header in ("Bearer ghp_unknown", "token x", "Basic eDp5", "Basic %%%", "Digest x", "Bearer a.b.c"):
        http = world.http(headers={"authorization": header})
        for path in ("user", f"repos/{FULL_NAME}", "rate_limit"):
            answer = http.get(f"/api/v3/{path}")
            assert (answer.status_code, "message" in answer.json()) == (401, True)


def test_a_private_repository_is_not_there_for_strangers(world: World) -> None:
    for rest in (world.person("outsider"), world.token("")):
        for act in (rest.repos.get, rest.pulls.list, rest.repos.list_branches, rest.repos.list_activities):
            assert refused(lambda act=act: act(*HERE)).status_code == 404


def test_a_token_without_the_scope_repo_sees_nothing_private(world: World) -> None:
    world.personal_token("ghp_test-only-narrow", "maintainer", scopes=["read:org"])
    assert refused(lambda: world.token("ghp_test-only-narrow").repos.get(*HERE)).status_code == 404


def test_lists_come_in_pages_with_links(world: World) -> None:
    for number in range(5):
        world.site_ref(f"branch-{number}")
    http = world.http("researcher")
    path = f"/api/v3/repos/{FULL_NAME}/branches"
    first = http.get(path, params={"per_page": 2})
    assert len(first.json()) == 2
    links = dict(re.findall(r'<[^>]*[?&]page=(\d+)[^>]*>; rel="(\w+)"', first.headers["link"]))
    assert links == {"2": "next", "3": "last"}
    second = http.get(first.links["next"]["url"])
    assert set(second.links) == {"prev", "first", "next", "last"}
    last = http.get(first.links["last"]["url"])
    assert (len(last.json()), set(last.links)) == (2, {"prev", "first"})
    assert http.get(path, params={"page": 9}).json() == []
    assert len(http.get(path, params={"per_page": 1000}).json()) == 6


def test_githubkit_walks_the_pages(world: World) -> None:
    for number in range(5):
        world.site_ref(f"branch-{number}")
    client = world.client("ghp_test-only-researcher")
    rest = client.rest("2026-03-10").repos
    names = [
        one.name for one in client.rest.paginate(rest.list_branches, owner=HERE[0], repo=HERE[1], per_page=2)
    ]
    assert names == [*(f"branch-{number}" for number in range(5)), "main"]


def test_times_are_utc_to_the_second(world: World) -> None:
    world.pull("change", {"new.txt": "fresh\n"})
    http = world.http("researcher")
    pull = http.get(f"/api/v3/repos/{FULL_NAME}/pulls/1").json()
    commit = http.get(f"/api/v3/repos/{FULL_NAME}/commits/main").json()
    activity = http.get(f"/api/v3/repos/{FULL_NAME}/activity").json()
    times = (pull["created_at"], pull["head"]["repo"]["pushed_at"], commit["commit"]["author"]["date"])
    for moment in (*times, activity[0]["timestamp"]):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", moment)


def test_a_version_of_the_api_that_is_not_known_is_refused(world: World) -> None:
    http = world.http("researcher")
    asked = {
        version: {"x-github-api-version": version} for version in ("2022-11-28", "2026-03-10", "2019-01-01")
    }
    found = {version: http.get(f"/api/v3/repos/{FULL_NAME}", headers=each) for version, each in asked.items()}
    assert [each.status_code for each in found.values()] == [200, 200, 400]


def test_every_answer_has_githubs_headers(world: World) -> None:
    for path in (f"repos/{FULL_NAME}", "repos/nobody/nothing"):
        headers = world.http("researcher").get(f"/api/v3/{path}").headers
        assert {"x-github-request-id", "x-github-media-type", "x-ratelimit-remaining"} <= set(headers)


@pytest.mark.asks_too_much
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "gists"), ("POST", f"repos/{FULL_NAME}/issues"), ("PUT", "x/y")]
)
def test_what_is_not_implemented_is_said_aloud(
    world: World, caplog: pytest.LogCaptureFixture, method: str, path: str
) -> None:
    with caplog.at_level(logging.WARNING):
        answer = world.http("maintainer").request(method, f"/api/v3/{path}", json={})
    assert answer.status_code == 501
    assert f"{method} /api/v3/{path}" in caplog.text


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"title": 1, "head": "x", "base": "main"}', b"{}"])
def test_a_body_that_is_not_understood_is_refused(world: World, body: bytes) -> None:
    answer = world.http("researcher").post(f"/api/v3/repos/{FULL_NAME}/pulls", content=body)
    assert answer.status_code in (400, 422)
    assert world.person("researcher").pulls.list(*HERE, state="all").parsed_data == []
