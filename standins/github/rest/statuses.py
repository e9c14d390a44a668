"""`/repos/{owner}/{repo}/statuses`: what anybody who may write says of a commit."""

from __future__ import annotations

from starlette.responses import Response

from standins.github.clock import now
from standins.github.errors import invalid, not_found
from standins.github.events import Event
from standins.github.rest.call import Call, answer, endpoint
from standins.github.serialisers.statuses import combined, latest_statuses, simple_status
from standins.github.serialisers.statuses import status as write_status
from standins.github.store import CommitStatus, Repository

STATES = ("error", "failure", "pending", "success")
MOST = 1000


def create(call: Call) -> Response:
    repository = call.repository("statuses", "write", "push")
    sha, state = call.path["sha"], call.field("state", str)
    if state not in STATES:
        raise invalid("Validation Failed", {"resource": "Status", "code": "custom", "field": "state"})
    if call.git(repository).resolve(sha) != sha:
        raise invalid(f"No commit found for SHA: {sha}")
    context = call.field("context", str, "default")
    if len(call.site.store.find(CommitStatus, repository_id=repository.id, sha=sha, context=context)) >= MOST:
        raise invalid("Validation Failed", "This SHA and context has reached the maximum number of statuses.")
    row = call.site.store.insert(_row(call, repository, sha, context, state))
    sender, app_id = call.person(), call.principal.app_id
    call.site.bus.emit(Event("status", None, repository, None, sender, app_id, {"status": row}))
    return answer(write_status(call.site, repository, row), 201)


def _row(call: Call, repository: Repository, sha: str, context: str, state: str) -> CommitStatus:
    return CommitStatus(
        0,
        repository.id,
        sha,
        context,
        state,
        call.person().id,
        call.principal.app_id,
        call.json.get("description"),
        call.json.get("target_url"),
        now(),
    )


def list_for_ref(call: Call) -> Response:
    """All that was said, the newest first."""
    repository, sha = _commit(call)
    rows = call.site.store.find(CommitStatus, repository_id=repository.id, sha=sha, newest_first=True)
    return call.page(rows, lambda row: write_status(call.site, repository, row))


def combined_for_ref(call: Call) -> Response:
    """The newest of each context, and what they come to together."""
    repository, sha = _commit(call)
    rows = latest_statuses(call.site, repository, sha)
    shown, links = call.window(rows)
    written = [simple_status(call.site, repository, row) for row in shown]
    content = {**combined(call.site, repository, sha, rows), "total_count": len(rows), "statuses": written}
    return answer(content, headers=links)


def _commit(call: Call) -> tuple[Repository, str]:
    repository = call.repository("statuses", "read", "pull")
    sha = call.git(repository).resolve(call.path["ref"].removeprefix("heads/"))
    if sha is None:
        raise not_found()
    return repository, sha


_REPOSITORY = "/repos/{owner}/{repo}"
ROUTES = [
    endpoint("POST", f"{_REPOSITORY}/statuses/{{sha}}", create),
    endpoint("GET", f"{_REPOSITORY}/commits/{{ref:path}}/statuses", list_for_ref),
    endpoint("GET", f"{_REPOSITORY}/commits/{{ref:path}}/status", combined_for_ref),
]
