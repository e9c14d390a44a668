"""The switches: off until set, typed, for callers of this machine, and used up as often as they say."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from standins.github import clock, create_app
from standins.github.faults.switches import CallEffect, CallFault
from tests.standin.seeded import FULL_NAME, HERE
from tests.standin.world import World, commit, git, refused

DROP = {"on": "webhook", "effect": "drop"}
COMMENTS = f"/api/v3/repos/{FULL_NAME}/issues/1/comments"


def switch(world: World, **said: Any) -> httpx.Response:
    return world.http().post("/_standin/faults", json=said)


def comments(world: World) -> int:
    return len(world.person("researcher").issues.list_comments(*HERE, 1).parsed_data)


def comment(world: World) -> httpx.Response:
    return world.http("researcher").post(COMMENTS, json={"body": "Please look"})


@pytest.mark.parametrize(("effect", "done"), [("fail_before", 0), ("fail_after", 1)])
def test_a_call_fails_before_it_acts_or_after(world: World, effect: str, done: int) -> None:
    world.pull("change", {"new.txt": "fresh\n"})
    made = switch(world, on="call", effect=effect, method="POST", path="*/comments", status=503)
    assert (made.status_code, made.json()["times"]) == (201, 1)
    failed = comment(world)
    assert (failed.status_code, failed.json()["message"]) == (503, "Server Error")
    assert comments(world) == done
    assert comment(world).status_code == 201, "the switch was for one call"


@pytest.mark.parametrize(("effect", "done"), [("slow", 0), ("slow_answer", 1)])
def test_a_call_is_slow_before_it_acts_or_in_answering(world: World, effect: str, done: int) -> None:
    world.pull("change", {"new.txt": "fresh\n"})
    world.site.faults.set(CallFault(CallEffect(effect), "POST", "*/comments", seconds=1.5))
    began = time.monotonic()
    with pytest.raises(httpx.ReadTimeout):
        world.http("researcher", timeout=0.7).post(COMMENTS, json={"body": "Please look"})
    assert time.monotonic() - began < 1.5
    assert comments(world) == done


def test_a_switch_meets_what_its_patterns_name_and_nothing_else(world: World) -> None:
    switch(world, on="call", effect="fail_before", method="GET", path="/api/v3/repos/*/pulls", times=2)
    rest = world.person("researcher")
    assert rest.repos.get(*HERE).status_code == 200
    assert refused(lambda: rest.pulls.list(*HERE)).status_code == 502
    assert [one["times"] for one in world.http().get("/_standin/faults").json()] == [1]
    assert refused(lambda: rest.pulls.list(*HERE)).status_code == 502
    assert rest.pulls.list(*HERE).status_code == 200


def test_a_switch_on_a_mutation_lets_queries_through(world: World) -> None:
    switch(world, on="call", effect="fail_before", path="/api/graphql", body="createRef", times=None)
    http = world.http("researcher")
    assert http.post("/api/graphql", json={"query": "{viewer {login}}"}).status_code == 200
    mutation = {"query": "mutation {createRef(input: {}) {clientMutationId}}"}
    assert http.post("/api/graphql", json=mutation).status_code == 502
    assert http.post("/api/graphql", json=mutation).status_code == 502


def test_git_over_http_goes_over_the_same_line(world: World) -> None:
    clone = world.clone("researcher")
    commit(clone, {"new.txt": "fresh\n"})
    switch(world, on="call", effect="fail_before", method="POST", path="*/git-receive-pack", status=500)
    assert "500" in git(clone, "push", "-q", "origin", "HEAD:refs/heads/change", fails=True)
    git(clone, "push", "-q", "origin", "HEAD:refs/heads/change")


def test_switches_are_taken_back_one_by_one_or_all(world: World) -> None:
    http, path = world.http(), "/_standin/faults"
    first = switch(world, on="call", effect="fail_before", times=None).json()["id"]
    switch(world, on="webhook", effect="drop", event="push", app=3001)
    assert http.delete(f"{path}/{first}").status_code == 204
    assert http.delete(f"{path}/{first}").status_code == 404
    (left,) = http.get(path).json()
    assert (left["on"], left["effect"], left["event"], left["app"]) == ("webhook", "drop", "push", 3001)
    assert http.delete(path).status_code == 204
    assert http.get(path).json() == []


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"on": "weather", "effect": "slow"},
        {"on": "call"},
        {"on": "call", "effect": "drop"},
        {"on": "webhook", "effect": "slow"},
        {"on": "call", "effect": "slow", "colour": "red"},
        {"on": "call", "effect": "slow", "times": "often"},
        {"on": "call", "effect": "slow", "times": 0},
        {"on": "call", "effect": "slow", "times": True},
        {"on": "call", "effect": "slow", "seconds": -1},
        {"on": "call", "effect": "fail_before", "status": 200},
        {"on": "webhook", "effect": "drop", "app": "lockgate"},
    ],
)
def test_what_is_not_known_is_refused_and_sets_nothing(world: World, said: dict[str, Any]) -> None:
    answer = switch(world, **said)
    assert (answer.status_code, answer.json()["message"]) == (422, "Validation Failed")
    assert world.http().get("/_standin/faults").json() == []


def test_no_other_machine_sets_a_switch(tmp_path: Path) -> None:
    app = create_app(tmp_path)

    async def status(address: str) -> int:
        line = httpx.ASGITransport(app, client=(address, 40000))
        async with httpx.AsyncClient(transport=line, base_url="http://here") as caller:
            return (await caller.post("/_standin/faults", json=DROP)).status_code

    assert (asyncio.run(status("192.0.2.7")), app.state.site.faults.standing()) == (404, {})
    assert asyncio.run(status("127.0.0.1")) == 201
    app.state.site.close()


def test_the_clock_can_be_put_ahead_and_back(world: World) -> None:
    http = world.http()
    token = world.token(world.installation_token())
    assert token.repos.get(*HERE).status_code == 200
    http.post("/_standin/clock", json={"advance": 3601})
    assert 3600 < (clock.moment() - datetime.now(UTC)).total_seconds() < 3602
    assert refused(lambda: token.repos.get(*HERE)).status_code == 401
    fresh = world.token(world.installation_token())
    assert fresh.repos.get(*HERE).status_code == 200, "who signs by the machine's clock gets another"
    http.post("/_standin/clock", json={"reset": True})
    assert token.repos.get(*HERE).status_code == 200
    for wrong in ({}, {"advance": "an hour"}, {"advance": -1}, {"ahead": 1}):
        assert http.post("/_standin/clock", json=wrong).status_code == 422
