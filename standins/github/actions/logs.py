"""The log of a job, to whoever may read the repository's checks: by an address that is good for a minute."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from standins.github.actions.runner import log_file
from standins.github.errors import not_found
from standins.github.rest.call import Call, endpoint
from standins.github.store import CheckRun

_KEY = secrets.token_bytes(32)
_SECONDS = 60


def job_log(call: Call) -> Response:
    repository = call.repository("actions", "read")
    check = call.site.store.first(CheckRun, id=call.number("job_id"), repository_id=repository.id)
    if check is None or not log_file(call.site, check.id).exists():
        raise not_found()
    until = int(time.time()) + _SECONDS
    return RedirectResponse(f"{call.site.url}/logs/{check.id}/{until}/{_signature(check.id, until)}", 302)


def show_log(request: Request) -> Response:
    id, until = request.path_params["id"], request.path_params["until"]  # noqa: A001
    signed = hmac.compare_digest(request.path_params["signature"], _signature(id, until))
    if not signed or until < time.time():
        return PlainTextResponse("This address is no longer good.", 403)
    return PlainTextResponse(log_file(request.app.state.site, id).read_text())


def _signature(id: int, until: int) -> str:  # noqa: A002
    return hmac.new(_KEY, f"{id} {until}".encode(), hashlib.sha256).hexdigest()


LOGS = (
    endpoint("GET", "/api/v3/repos/{owner}/{repo}/actions/jobs/{job_id}/logs", job_log),
    Route("/logs/{id:int}/{until:int}/{signature}", show_log, methods=["GET"]),
)
