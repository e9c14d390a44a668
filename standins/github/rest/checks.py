"""`/repos/{owner}/{repo}/check-runs`, `/check-suites`, and those of a commit."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from standins.github.check_runs import CheckReport, create_check_run, update_check_run
from standins.github.errors import ApiError, forbidden, invalid, not_found
from standins.github.events import Event
from standins.github.rest.call import Call, answer, endpoint
from standins.github.serialisers.checks import check_run as write_run
from standins.github.serialisers.checks import check_suite as write_suite
from standins.github.store import App, CheckRun, CheckSuite, Repository

_TEXTS = ("status", "conclusion", "external_id", "details_url", "started_at", "completed_at", "name")


def _app(call: Call) -> App:
    """Only an App, as its installation, writes checks."""
    if call.principal.kind != "installation" or call.principal.app is None:
        raise forbidden("You must authenticate via a GitHub App.")
    return call.principal.app


def create(call: Call) -> Response:
    app = _app(call)
    repository = call.repository("checks", "write", "push")
    call.field("name", str)
    row = create_check_run(call.site, repository, app, call.field("head_sha", str), _report(call))
    return answer(write_run(call.site, repository, row), 201)


def update(call: Call) -> Response:
    app = _app(call)
    repository = call.repository("checks", "write", "push")
    row = _run(call, repository)
    if row.app_id != app.id:
        raise forbidden(
            "Invalid app_id `"
            + str(app.id)
            + "` - check run can only be modified by the GitHub App that created it."
        )
    return answer(
        write_run(call.site, repository, update_check_run(call.site, repository, app, row, _report(call)))
    )


def _report(call: Call) -> CheckReport:
    texts: dict[str, Any] = {name: call.json.get(name) for name in _TEXTS}
    if any(value is not None and not isinstance(value, str) for value in texts.values()):
        raise invalid("Invalid request.", "a text is of the wrong type")
    output = call.json.get("output")
    if output is None:
        return CheckReport(**texts)
    if not isinstance(output.get("title"), str) or not isinstance(output.get("summary"), str):
        raise invalid("Invalid request.", "output needs title and summary")
    if max(len(output["summary"]), len(output.get("text") or "")) > 65535:
        raise invalid("Invalid request.", "summary and text hold at most 65535 characters")
    notes = output.get("annotations") or []
    if len(notes) > 50:
        raise invalid("Invalid request.", "at most 50 annotations at a time")
    kept = {name: output.get(name) for name in ("title", "summary", "text")}
    return CheckReport(**texts, output=kept, annotations=notes)


def get(call: Call) -> Response:
    repository = call.repository("checks", "read", "pull")
    return answer(write_run(call.site, repository, _run(call, repository)))


def list_annotations(call: Call) -> Response:
    repository = call.repository("checks", "read", "pull")

    def write(one: dict[str, Any]) -> dict[str, Any]:
        optional = dict.fromkeys(("start_column", "end_column", "title", "raw_details"))
        return {**optional, **one, "blob_href": f"{call.site.url}/{call.site.full_name(repository)}"}

    return call.page(_run(call, repository).annotations, write)


def list_for_ref(call: Call) -> Response:
    repository = call.repository("checks", "read", "pull")
    sha = call.git(repository).resolve(call.path["ref"])
    if sha is None:
        raise ApiError(422, f"No commit found for SHA: {call.path['ref']}")
    rows = call.site.store.find(CheckRun, repository_id=repository.id, head_sha=sha, newest_first=True)
    return _page(call, repository, rows)


def list_of_suite(call: Call) -> Response:
    repository = call.repository("checks", "read", "pull")
    suite = _suite(call, repository)
    rows = call.site.store.find(CheckRun, check_suite_id=suite.id, newest_first=True)
    return _page(call, repository, rows)


def _page(call: Call, repository: Repository, rows: list[CheckRun]) -> Response:
    """Newest first; with `filter=latest`, the default, only the newest of each name of each App's suite."""
    name, status, app_id = call.query("check_name"), call.query("status"), call.query("app_id")
    rows = [
        row
        for row in rows
        if name in ("", row.name) and status in ("", row.status) and app_id in ("", str(row.app_id))
    ]
    if call.query("filter", "latest") == "latest":
        newest: dict[tuple[int, str], CheckRun] = {}
        for row in rows:
            newest.setdefault((row.check_suite_id, row.name), row)
        rows = list(newest.values())
    return call.page(rows, lambda row: write_run(call.site, repository, row), wrap="check_runs")


def suites_for_ref(call: Call) -> Response:
    repository = call.repository("checks", "read", "pull")
    sha = call.git(repository).resolve(call.path["ref"])
    if sha is None:
        raise ApiError(422, f"No commit found for SHA: {call.path['ref']}")
    app_id = call.query("app_id")
    rows = call.site.store.find(CheckSuite, repository_id=repository.id, head_sha=sha)
    rows = [row for row in rows if app_id in ("", str(row.app_id))]
    return call.page(rows, lambda row: write_suite(call.site, repository, row), wrap="check_suites")


def get_suite(call: Call) -> Response:
    repository = call.repository("checks", "read", "pull")
    return answer(write_suite(call.site, repository, _suite(call, repository)))


def rerequest_run(call: Call) -> Response:
    """Asks the App that made the check to make it again; nothing else changes."""
    repository = call.repository("checks", "write", "push")
    _tell(call, repository, "check_run", _run(call, repository))
    return answer({}, 201)


def rerequest_suite(call: Call) -> Response:
    repository = call.repository("checks", "write", "push")
    _tell(call, repository, "check_suite", _suite(call, repository))
    return answer({}, 201)


def _tell(call: Call, repository: Repository, name: str, row: CheckRun | CheckSuite) -> None:
    sender, app_id = call.person(), call.principal.app_id
    call.site.bus.emit(Event(name, "rerequested", repository, None, sender, app_id, {name: row}))


def _run(call: Call, repository: Repository) -> CheckRun:
    found = call.site.store.first(CheckRun, id=call.number("id"), repository_id=repository.id)
    if found is None:
        raise not_found()
    return found


def _suite(call: Call, repository: Repository) -> CheckSuite:
    found = call.site.store.first(CheckSuite, id=call.number("id"), repository_id=repository.id)
    if found is None:
        raise not_found()
    return found


_REPOSITORY = "/repos/{owner}/{repo}"
ROUTES = [
    endpoint("POST", f"{_REPOSITORY}/check-runs", create),
    endpoint("GET", f"{_REPOSITORY}/check-runs/{{id}}", get),
    endpoint("PATCH", f"{_REPOSITORY}/check-runs/{{id}}", update),
    endpoint("GET", f"{_REPOSITORY}/check-runs/{{id}}/annotations", list_annotations),
    endpoint("GET", f"{_REPOSITORY}/commits/{{ref:path}}/check-runs", list_for_ref),
    endpoint("GET", f"{_REPOSITORY}/commits/{{ref:path}}/check-suites", suites_for_ref),
    endpoint("GET", f"{_REPOSITORY}/check-suites/{{id}}", get_suite),
    endpoint("GET", f"{_REPOSITORY}/check-suites/{{id}}/check-runs", list_of_suite),
    endpoint("POST", f"{_REPOSITORY}/check-runs/{{id}}/rerequest", rerequest_run),
    endpoint("POST", f"{_REPOSITORY}/check-suites/{{id}}/rerequest", rerequest_suite),
]
