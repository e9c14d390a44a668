"""Many things in one query, and what a query costs in GitHub's points."""

from __future__ import annotations

import pytest
from graphql import parse

from standins.github.graphql.price import price_of
from tests.standin.world import ORGANIZATION, World
from tests.standin_actions.test_graphql import ask

EXAMPLE = """query { viewer { repositories(first: 100) { edges { repository: node { name
  issues(first: 50) { edges { node { title labels(first: 60) { edges { node { name } } } } } } } } } } }"""


def test_the_cost_is_that_of_githubs_own_example() -> None:
    """5,101 requests are 51 points; documented at graphql/overview/rate-limits."""
    assert price_of(parse(EXAMPLE), {}, None).points == 51


@pytest.mark.parametrize(("size", "points"), [(1, 1), (50, 1), (100, 1)])
def test_a_query_costs_at_least_a_point(size: int, points: int) -> None:
    query = parse("query($n: Int!) { viewer { repositories(first: $n) { totalCount } } }")
    assert price_of(query, {"n": size}, None).points == points


def test_the_answer_tells_what_it_cost(world: World) -> None:
    assert ask(world, "{ rateLimit { cost remaining limit } }")["rateLimit"]["cost"] == 1


def test_nodes_that_are_not_there_are_null_beside_those_that_are(world: World) -> None:
    repository = ask(
        world, "query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { id } }"
    )
    query = {"query": "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"}
    ids = [repository["repository"]["id"], "PR_999999"]
    said = world.http("researcher").post("/api/graphql", json={**query, "variables": {"ids": ids}}).json()
    assert said["data"]["nodes"] == [{"id": ids[0]}, None]
    assert [error["type"] for error in said["errors"]] == ["NOT_FOUND"]


def test_a_team_that_is_not_there_is_null(world: World) -> None:
    query = 'query($o: String!) { organization(login: $o) { team(slug: "nobodys") { slug } } }'
    assert ask(world, query, o=ORGANIZATION)["organization"] == {"team": None}
