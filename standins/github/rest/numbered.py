"""`/repositories/{id}/...`: the address of a repository that never changes, to which old names lead."""

from __future__ import annotations

import re

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from standins.github.errors import not_found
from standins.github.rest.call import Call, endpoint
from standins.github.site import Site
from standins.github.store import Repository

NUMBERED = re.compile(r"/api/v3/repositories/(\d{1,18})(?=/|$)")


class ByNumber:
    """Turns the address by number into the one by name of today; who may see it is asked there."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = NUMBERED.match(scope["path"]) if scope["type"] == "http" else None
        found = asked and self._site.store.first(Repository, id=int(asked[1]))
        if asked and found:
            path = f"/api/v3/repos/{self._site.full_name(found)}{scope['path'][asked.end() :]}"
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await self._app(scope, receive, send)


def nothing(_call: Call) -> Response:
    raise not_found()


ROUTES = [
    endpoint(method, "/repositories/{rest:path}", nothing)
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
]
