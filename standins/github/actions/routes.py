"""What Actions shows: the log of a job, to whoever may read the repository's checks."""

from __future__ import annotations

from starlette.responses import PlainTextResponse, Response

from standins.github.actions.runner import log_file
from standins.github.errors import not_found
from standins.github.rest.call import Call, endpoint
from standins.github.store import CheckRun


def job_log(call: Call) -> Response:
    repository = call.repository("actions", "read")
    check = call.site.store.first(CheckRun, id=call.number("job_id"), repository_id=repository.id)
    if check is None or not log_file(call.site, check.id).exists():
        raise not_found()
    return PlainTextResponse(log_file(call.site, check.id).read_text())


ROUTES = (endpoint("GET", "/api/v3/repos/{owner}/{repo}/actions/jobs/{job_id}/logs", job_log),)
