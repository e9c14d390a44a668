"""Wires the parts to one ASGI app."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Route

from standins.github.faults.line import Line
from standins.github.recording import Recorder, writer
from standins.github.recovery import recover
from standins.github.rest.call import endpoint, not_implemented
from standins.github.rest.numbered import ByNumber
from standins.github.seed import Seed, apply_seed
from standins.github.site import Site

# Seconds; longer than clients keep a connection (httpx: 5), so that none is closed as it is used again.
KEEP_ALIVE = 75
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
API = (
    "activity",
    "applications",
    "apps",
    "branches",
    "checks",
    "codeowners",
    "comments",
    "commits",
    "contents",
    "gitdata",
    "installations",
    "labels",
    "moving",
    "numbered",
    "organizations",
    "protection",
    "pulls",
    "repositories",
    "reviewers",
    "reviews",
    "rulesets",
    "statuses",
    "teams",
    "users",
)
WEB = ("git_http", "oauth", "session", "authorizations", "pages")
# Modules beside the core: each has `install(site, seed) -> list[BaseRoute]`, which subscribes to the
# bus and returns the routes that it serves at the top level (webhooks: /api/v3/app/hook...; graphql).
PARTS = (
    "standins.github.webhooks",
    "standins.github.actions",
    "standins.github.graphql",
    "standins.github.faults",
)


def create_app(data: Path, seed: Seed | None = None, *, url: str = "http://127.0.0.1:8401") -> Starlette:
    """The stand-in over the folder `data`, seeded; `app.state.site` is its inside, for tests."""
    site = Site(data, url)
    seed = seed or Seed()
    apply_seed(site, seed)
    parts = [route for name in PARTS for route in _install(name, site, seed)]
    recover(site)
    areas = [import_module(f"standins.github.rest.{name}") for name in API]
    api = [route for area in areas for route in area.ROUTES]
    api += [route for area in areas for route in getattr(area, "LAST_ROUTES", ())]
    unknown = [endpoint(method, "/{path:path}", not_implemented) for method in METHODS]
    web = [route for name in WEB for route in _web(name)]
    mount = Mount("/api/v3", routes=[*api, *unknown])
    way = [Middleware(Line, site=site), Middleware(ByNumber, site=site)]
    app = Starlette(routes=[*parts, mount, *web], middleware=way, lifespan=_lifespan)
    app.state.site = site
    if write := writer():
        app.add_middleware(Recorder, write=write)  # the outermost: it hears what the client hears
    return app


def _install(name: str, site: Site, seed: Seed) -> list[BaseRoute]:
    routes: list[BaseRoute] = import_module(name).install(site, seed)
    return routes


def _web(name: str) -> list[Route]:
    routes: list[Route] = import_module(f"standins.github.web.{name}").ROUTES
    return routes


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    app.state.site.start()
    yield
    app.state.site.close()
