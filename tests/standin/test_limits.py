"""Rate limits: counted for each caller, free where nothing changed, and refusing only when told to bite."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from githubkit.exception import PrimaryRateLimitExceeded, SecondaryRateLimitExceeded
from graphql import parse

from standins.github import clock
from standins.github.graphql.price import price_of
from standins.github.rates import Limits
from tests.standin.seeded import FULL_NAME, HERE
from tests.standin.world import World

REPOSITORY = f"/api/v3/repos/{FULL_NAME}"
QUERY = "query ($n: Int!) {rateLimit {cost nodeCount remaining used} repository(owner: %s) {%s}}"
PULLS = "pullRequests(first: $n) {nodes {number}}"
REF = f'{{repositoryId: "R_0", name: "refs/heads/change", oid: "{"0" * 40}"}}'
MUTATION = {"query": f"mutation {{createRef(input: {REF}) {{clientMutationId}}}}"}


def ask(http: httpx.Client, inside: str, **variables: Any) -> Any:
    name = '"north-health", name: "heart-study"'
    body = {"query": QUERY % (name, inside), "variables": {"n": 100, **variables}}
    return http.post("/api/graphql", json=body)


def test_each_caller_has_an_hour_of_its_own(world: World) -> None:
    mine, other = world.http("researcher"), world.http("controller")
    first, second = mine.get(REPOSITORY).headers, mine.get(REPOSITORY).headers
    assert (first["x-ratelimit-limit"], first["x-ratelimit-resource"]) == ("5000", "core")
    assert int(first["x-ratelimit-remaining"]) - int(second["x-ratelimit-remaining"]) == 1
    assert int(second["x-ratelimit-used"]) + int(second["x-ratelimit-remaining"]) == 5000
    assert other.get(REPOSITORY).headers["x-ratelimit-used"] == "1"
    token = {"authorization": f"Bearer {world.user_token('researcher')}"}
    assert world.http(headers=token).get(REPOSITORY).headers["x-ratelimit-used"] == "3"


def test_asking_how_much_is_left_costs_nothing(world: World) -> None:
    rest = world.person("researcher")
    rest.repos.get(*HERE)
    for _ in range(2):
        told = rest.rate_limit.get().parsed_data.resources
        assert (told.core.used, told.core.remaining, told.graphql.used) == (1, 4999, 0)


def test_the_next_hour_begins_anew(world: World) -> None:
    http = world.http("researcher")
    reset = int(http.get(REPOSITORY).headers["x-ratelimit-reset"])
    clock.advance(3601)
    after = http.get(REPOSITORY).headers
    assert (after["x-ratelimit-used"], int(after["x-ratelimit-reset"]) > reset) == ("1", True)


def test_until_it_bites_nobody_is_refused_nor_told_that_nothing_is_left(world: World) -> None:
    world.site.rates.limits = Limits(core=2, points_a_minute=1)
    http = world.http("researcher")
    answers = [http.get(REPOSITORY) for _ in range(4)]
    assert {answer.status_code for answer in answers} == {200}
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["1", "0", "1", "0"]


@pytest.mark.parametrize("status", [403, 429])
def test_an_hour_that_is_used_up_is_refused_as_documented(world: World, status: int) -> None:
    http = world.http()
    assert http.put("/_standin/limits", json={"bite": True, "core": 1, "status": status}).status_code == 200
    rest = world.person("researcher")
    rest.repos.get(*HERE)
    with pytest.raises(PrimaryRateLimitExceeded) as caught:
        rest.repos.get(*HERE)
    answer = caught.value.response
    assert answer.status_code == status
    assert answer.json()["message"] == "API rate limit exceeded for user ID 1001."
    assert (answer.headers["x-ratelimit-remaining"], "retry-after" in answer.headers) == ("0", False)
    assert 3500 < caught.value.retry_after.total_seconds() <= 3600
    assert world.person("controller").repos.get(*HERE).status_code == 200
    clock.advance(3601)
    assert rest.repos.get(*HERE).status_code == 200


def test_too_many_writes_in_a_minute_are_refused_with_the_time_to_wait(world: World) -> None:
    world.pull("change", {"new.txt": "fresh\n"})
    world.site.rates.limits = Limits(bite=True, content_a_minute=2, retry_after=7)
    rest = world.person("researcher").issues
    for _ in range(2):
        rest.create_comment(*HERE, 1, body="Please look")
    with pytest.raises(SecondaryRateLimitExceeded) as caught:
        rest.create_comment(*HERE, 1, body="Please look")
    assert caught.value.retry_after.total_seconds() == 7
    assert "You have exceeded a secondary rate limit" in caught.value.response.json()["message"]
    assert len(rest.list_comments(*HERE, 1).parsed_data) == 2
    clock.advance(61)
    assert rest.create_comment(*HERE, 1, body="Please look").status_code == 201


def test_a_write_weighs_as_much_as_five_reads(world: World) -> None:
    world.pull("change", {"new.txt": "fresh\n"})
    world.site.rates.limits = Limits(bite=True, points_a_minute=6)
    http = world.http("researcher")
    assert http.patch(f"{REPOSITORY}/pulls/1", json={"title": "Better"}).status_code == 200
    assert http.get(REPOSITORY).status_code == 200
    assert http.get(REPOSITORY).status_code == 403


def test_a_mutation_is_a_write_that_creates_content(world: World) -> None:
    one, other = world.http("researcher"), world.http("controller")
    world.site.rates.limits = Limits(bite=True, content_a_minute=2, retry_after=7)
    assert {one.post("/api/graphql", json=MUTATION).status_code for _ in range(2)} == {200}
    refusal = one.post("/api/graphql", json=MUTATION)
    assert (refusal.status_code, refusal.headers["retry-after"]) == (403, "7")
    assert "errors" not in ask(one, PULLS).json(), "a query creates nothing"
    world.site.rates.limits = Limits(bite=True, points_a_minute=6)
    assert other.post("/api/graphql", json=MUTATION).status_code == 200
    assert [ask(other, PULLS).status_code for _ in range(2)] == [200, 403], "five points and one are six"


def test_a_switch_says_that_a_limit_is_used_up(world: World) -> None:
    http = world.http("researcher")
    for effect, header in (("primary_limit", "x-ratelimit-reset"), ("secondary_limit", "retry-after")):
        world.http().post("/_standin/faults", json={"on": "call", "effect": effect, "seconds": 30})
        answer = http.get(REPOSITORY)
        assert (answer.status_code, header in answer.headers) == (403, True)
        assert http.get(REPOSITORY).status_code == 200


@pytest.mark.parametrize("effect", ["primary_limit", "secondary_limit"])
def test_git_and_signing_in_meet_such_a_switch_too(world: World, effect: str) -> None:
    http = world.http()
    for path in ("/login/oauth/access_token", f"/{FULL_NAME}.git/info/refs"):
        http.post("/_standin/faults", json={"on": "call", "effect": effect, "path": path})
        answer = http.post(path) if "oauth" in path else http.get(path)
        assert (answer.status_code, "limit" in answer.json()["message"]) == (403, True)
    assert http.get("/_standin/faults").json() == []


def test_a_query_costs_by_the_connections_that_it_may_open(world: World) -> None:
    http = world.http("researcher")
    cheap = ask(http, PULLS).json()["data"]["rateLimit"]
    assert (cheap["cost"], cheap["nodeCount"], cheap["used"]) == (1, 100, 1)
    both = "comments(first: 50) {nodes {id}} reviews(first: 50) {nodes {id}}"
    inside = "pullRequests(first: $n) {nodes {" + both + "}}"
    dear = ask(http, inside).json()["data"]["rateLimit"]
    assert (dear["cost"], dear["nodeCount"], dear["used"]) == (2, 10_100, 3)


def test_things_asked_for_by_name_are_nodes_and_their_connections_cost() -> None:
    query = "query ($ids: [ID!]!) {nodes(ids: $ids) {... on PullRequest {reviews(first: 100) {nodes {id}}}}}"
    price = price_of(parse(query), {"ids": ["PR_1", "PR_2", "PR_3"]}, None)
    assert (price.points, price.nodes) == (1, 303)


def test_a_query_for_too_many_nodes_is_refused(world: World) -> None:
    commits = "commits(first: 100) {nodes {commit {authors(first: 100) {nodes {name}}}}}"
    inside = "pullRequests(first: $n) {nodes {" + commits + "}}"
    (error,) = ask(world.http("researcher"), inside).json()["errors"]
    assert error["type"] == "MAX_NODE_LIMIT_EXCEEDED"
    assert "1,010,100 possible nodes" in error["message"]


def test_graphql_says_that_the_hour_is_used_up_with_200(world: World) -> None:
    world.site.rates.limits = Limits(bite=True, graphql=1)
    http = world.http("researcher")
    assert "errors" not in ask(http, PULLS).json()
    answer = ask(http, PULLS)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, answer.headers["x-ratelimit-remaining"]) == (200, "0")
    assert (error["type"], error["message"]) == ("RATE_LIMIT", "API rate limit exceeded for user ID 1001.")
    assert http.get(REPOSITORY).status_code == 200, "REST has an hour of its own"


def test_limits_that_are_not_understood_are_refused(world: World) -> None:
    for wrong in ({"core": "many"}, {"colour": 1}, {"bite": 1}):
        assert world.http().put("/_standin/limits", json=wrong).status_code == 422
    assert world.http().get("/_standin/limits").json()["bite"] is False


def test_an_unchanged_answer_is_told_in_short_and_is_free(world: World) -> None:
    http = world.http("researcher")
    first = http.get(REPOSITORY)
    again = http.get(REPOSITORY, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["x-ratelimit-used"] == first.headers["x-ratelimit-used"]
    world.pull("change", {"new.txt": "fresh\n"})
    changed = http.get(REPOSITORY, headers={"if-none-match": first.headers["etag"]})
    assert (changed.status_code, changed.json()["open_issues_count"]) == (200, 1)


def test_a_tag_is_of_one_token_alone(world: World) -> None:
    tag = {"if-none-match": world.http("researcher").get(REPOSITORY).headers["etag"]}
    app = {"authorization": f"Bearer {world.installation_token()}"}
    for http in (world.http("maintainer"), world.http("researcher-2"), world.http(headers=app)):
        assert http.get(REPOSITORY, headers=tag).status_code == 200


def test_who_may_not_read_is_refused_whatever_tag_they_know(world: World) -> None:
    http = world.http("researcher")
    tag = {"if-none-match": http.get(REPOSITORY).headers["etag"]}
    team = (HERE[0], "heart-researchers", "researcher")
    world.person("maintainer").teams.remove_membership_for_user_in_org(*team)
    assert http.get(REPOSITORY, headers=tag).status_code == 404
