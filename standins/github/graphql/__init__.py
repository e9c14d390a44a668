"""GitHub's GraphQL at `/api/graphql`: the part of its schema that Lockgate uses, and nothing silent."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import BaseRoute

from standins.github.errors import ApiError
from standins.github.graphql.execution import run
from standins.github.graphql.purse import Purse
from standins.github.graphql.scope import Asker
from standins.github.rest.call import Call, answer, endpoint
from standins.github.rest.manners import caller_of
from standins.github.seed import Seed
from standins.github.site import Site


def install(site: Site, seed: Seed) -> list[BaseRoute]:  # noqa: ARG001 - every part is installed alike
    return [endpoint("POST", "/api/graphql", query)]


def query(call: Call) -> Response:
    """200 with `data` or `errors`, as GitHub answers; an hour that is used up is such an error too."""
    if call.principal.kind in ("anonymous", "app", "client"):
        raise ApiError(401, "This endpoint requires you to be authenticated.")
    variables = call.json.get("variables") or {}
    operation = call.json.get("operationName")
    purse = Purse(call.site, caller_of(call.principal, call.request))
    asker = Asker(call.site, call.principal)
    return answer(run(asker, purse, call.field("query", str), variables, operation))
