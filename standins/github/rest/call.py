"""One API call: who calls, on what, with what; and the answer in GitHub's manner.

A module of the API lists `ROUTES = [endpoint("GET", "/repos/{owner}/{repo}/pulls", list_pulls), ...]`;
each handler is a plain function from `Call` to a `Response`, run in a thread.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from standins.github.auth.access import demand, visible
from standins.github.auth.principal import ANONYMOUS, Principal, principal_of
from standins.github.errors import ApiError, Moved, invalid, not_found
from standins.github.git import GitRepository, NotFound
from standins.github.rest.manners import admit, elsewhere, finish, refusal
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
            raise invalid(f'Invalid request.\n\n"{name}" is missing or of the wrong type.')
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
            former = self.former()
            raise self.moved(former) if former and self._sees(former) else not_found()
        demand(self.site, self.principal, found, permission, level, role)
        return found

    def former(self) -> Repository | None:
        """The repository that had the path's address once."""
        return self.site.repository_once_named(self.path["owner"], self.path["repo"])

    def moved(self, repository: Repository) -> Moved:
        """Says that the path is an old address of this repository."""
        here, url = f"/repos/{self.path['owner']}/{self.path['repo']}", self.request.url
        rest = url.path.partition(here)[2] + (f"?{url.query}" if url.query else "")
        return Moved(f"{self.site.api}/repositories/{repository.id}{rest}")

    def _sees(self, repository: Repository) -> bool:
        return visible(self.site, self.principal, repository)

    def git(self, repository: Repository) -> GitRepository:
        return self.site.git(repository)

    def page(self, items: Sequence[T], write: Callable[[T], Any], wrap: str | None = None) -> Response:
        """One page of a list with its `Link` header; `wrap` names the list beside `total_count`."""
        shown, links = self.window(items)
        written = [write(item) for item in shown]
        return answer({"total_count": len(items), wrap: written} if wrap else written, headers=links)

    def window(self, items: Sequence[T], size: int = 30) -> tuple[Sequence[T], dict[str, str]]:
        """What of a list the caller asks for, and its `Link` header; `size` where they do not say."""
        size = min(_positive(self.query("per_page"), size), max(size, MAX_PAGE))
        number = _positive(self.query("page"), 1)
        last = max(1, -(-len(items) // size))
        links = _links(self._here(), number, last)
        return items[(number - 1) * size : number * size], {"Link": links} if links else {}

    def _here(self) -> Callable[[int], str]:
        url = self.request.url
        base = f"{self.site.url}{url.path}"
        kept = [(key, value) for key, value in self.request.query_params.multi_items() if key != "page"]
        return lambda page: f"{base}?{_encode([*kept, ('page', str(page))])}"


Handler = Callable[[Call], Response]


def answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse(content, status, headers)


def media(kind: str, text: str) -> Response:
    """An answer of one of GitHub's own media types: `diff`, `patch`, `sha`, `raw`."""
    return Response(text, media_type=f"application/vnd.github.{kind}; charset=utf-8")


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
    principal = ANONYMOUS
    try:
        principal = principal_of(site, request.headers.get("authorization"))
        admit(site, request, principal)
        response = handler(Call(site, request, body, principal))
    except ApiError as error:
        response = refusal(error, request.url.path)
    except Moved as moved:
        response = elsewhere(request.method, moved)
    except NotFound:
        response = refusal(not_found())
    return finish(site, request, principal, response)


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
