"""One API call: who calls, on what, with what; and the answer in GitHub's manner.

A module of the API lists `ROUTES = [endpoint("GET", "/repos/{owner}/{repo}/pulls", list_pulls), ...]`;
each handler is a plain function from `Call` to a `Response`, run in a thread.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from standins.github.auth.access import demand
from standins.github.auth.principal import Principal, principal_of
from standins.github.errors import ApiError, invalid, not_found
from standins.github.git import GitRepository, NotFound
from standins.github.site import Site
from standins.github.store import Account, Repository

log = logging.getLogger(__name__)
T = TypeVar("T")
MAX_PAGE = 100


@dataclass(frozen=True)
class Call:
    site: Site
    request: Request
    body: bytes
    principal: Principal

    @property
    def path(self) -> Mapping[str, str]:
        return self.request.path_params

    def number(self, name: str) -> int:
        """A numeric part of the path; anything else is 404."""
        if not self.path[name].isascii() or not self.path[name].isdigit():
            raise not_found()
        return int(self.path[name])

    def query(self, name: str, default: str = "") -> str:
        return self.request.query_params.get(name, default)

    @cached_property
    def json(self) -> dict[str, Any]:
        try:
            found = json.loads(self.body or b"{}")
        except ValueError as error:
            raise ApiError(400, "Problems parsing JSON") from error
        if not isinstance(found, dict):
            raise ApiError(400, "Body should be a JSON object")
        return found

    def field(self, name: str, kind: type[T], default: T | None = None) -> T:
        """A field of the body; 422 where it is missing without default, or of another type."""
        value = self.json.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, kind):
            raise invalid("Invalid request.", f'"{name}" is missing or of the wrong type')
        return value

    def person(self) -> Account:
        """The account that calls, be it a person's or an App's bot; 401 for nobody."""
        if self.principal.account is None or self.principal.kind == "app":
            raise ApiError(401, "Requires authentication")
        return self.principal.account

    def repository(self, permission: str = "metadata", level: str = "read", role: str = "pull") -> Repository:
        """The repository of the path, if the caller may: see `access.demand`."""
        found = self.site.repository_named(self.path["owner"], self.path["repo"])
        if found is None:
            raise not_found()
        demand(self.site, self.principal, found, permission, level, role)
        return found

    def git(self, repository: Repository) -> GitRepository:
        return self.site.git(repository)

    def page(self, items: Sequence[T], write: Callable[[T], Any], wrap: str | None = None) -> Response:
        """One page of a list with its `Link` header; `wrap` names the list beside `total_count`."""
        size = min(_positive(self.query("per_page"), 30), MAX_PAGE)
        number = _positive(self.query("page"), 1)
        written = [write(item) for item in items[(number - 1) * size : number * size]]
        response = answer({"total_count": len(items), wrap: written} if wrap else written)
        last = max(1, -(-len(items) // size))
        links = _links(self._here(), number, last)
        if links:
            response.headers["Link"] = links
        return response

    def _here(self) -> Callable[[int], str]:
        url = self.request.url
        base = f"{self.site.url}{url.path}"
        kept = [(key, value) for key, value in self.request.query_params.multi_items() if key != "page"]
        return lambda page: f"{base}?{_encode([*kept, ('page', str(page))])}"


Handler = Callable[[Call], Response]


def answer(content: Any, status: int = 200) -> Response:
    return JSONResponse(content, status)


def no_content() -> Response:
    return Response(status_code=204)


def endpoint(method: str, path: str, handler: Handler) -> Route:
    """A route below `/api/v3`."""

    async def serve(request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(_serve, request, body, handler)

    return Route(path, serve, methods=[method], name=f"{handler.__module__}.{handler.__name__}")


def _serve(request: Request, body: bytes, handler: Handler) -> Response:
    site: Site = request.app.state.site
    try:
        principal = principal_of(site, request.headers.get("authorization"))
        response = handler(Call(site, request, body, principal))
    except ApiError as error:
        response = refusal(error)
    except NotFound:
        response = refusal(not_found())
    return finish(response)


def refusal(error: ApiError) -> Response:
    content: dict[str, Any] = {
        "message": error.message,
        "documentation_url": "https://docs.github.com/rest",
        "status": str(error.status),
    }
    if error.errors:
        content["errors"] = error.errors
    return JSONResponse(content, error.status)


def finish(response: Response) -> Response:
    """Adds the headers that every answer of the API has."""
    response.headers["X-GitHub-Request-Id"] = secrets.token_hex(8).upper()
    response.headers["X-GitHub-Media-Type"] = "github.v3; format=json"
    response.headers["X-RateLimit-Limit"] = "5000"
    response.headers["X-RateLimit-Remaining"] = "4999"
    response.headers["X-RateLimit-Used"] = "1"
    response.headers["X-RateLimit-Reset"] = str(int(time.time()) + 3600)
    response.headers["X-RateLimit-Resource"] = "core"
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def not_implemented(call: Call) -> Response:
    """What this stand-in does not have: said aloud, never a false success."""
    log.warning("not implemented: %s %s", call.request.method, call.request.url.path)
    raise ApiError(501, f"Not implemented here: {call.request.method} {call.request.url.path}")


def _positive(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and int(text) > 0 else default


def _links(here: Callable[[int], str], number: int, last: int) -> str:
    targets = []
    if number > 1:
        targets += [("prev", number - 1), ("first", 1)]
    if number < last:
        targets += [("next", number + 1), ("last", last)]
    return ", ".join(f'<{here(page)}>; rel="{name}"' for name, page in targets)


def _encode(pairs: list[tuple[str, str]]) -> str:
    return urlencode(pairs)
