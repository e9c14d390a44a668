"""What Actions shows and does again: runs, their jobs and logs."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response
from starlette.routing import Route

from standins.github.actions.logs import LOGS
from standins.github.actions.rerunning import Rerunner
from standins.github.actions.serialising import job as write_job
from standins.github.actions.serialising import jobs_of
from standins.github.actions.serialising import workflow_run as write_run
from standins.github.errors import forbidden, not_found
from standins.github.rest.call import Call, answer, endpoint
from standins.github.store import CheckRun, Repository, WorkflowRun

Handler = Callable[[Call], Response]


def list_runs(call: Call) -> Response:
    """The newest first, with GitHub's filters but for `created`."""
    repository = _readable(call)
    rows = call.site.store.find(WorkflowRun, repository_id=repository.id, newest_first=True)
    found = [row for row in rows if _wanted(call, row)]
    written = [write_run(call.site, repository, row) for row in found]
    status, suite = call.query("status"), call.query("check_suite_id")
    kept = [
        one
        for one in written
        if status in ("", one["status"], one["conclusion"]) and suite in ("", str(one["check_suite_id"]))
    ]
    return call.page(kept, lambda one: one, wrap="workflow_runs")


def _wanted(call: Call, row: WorkflowRun) -> bool:
    asked = {"branch": row.head_branch, "event": row.event, "head_sha": row.head_sha}
    actor = call.site.account(row.actor_id).login
    return all(call.query(name) in ("", value) for name, value in {**asked, "actor": actor}.items())


def get_run(call: Call) -> Response:
    repository = _readable(call)
    return answer(write_run(call.site, repository, _run(call, repository)))


def list_jobs(call: Call) -> Response:
    repository = _readable(call)
    run, every = _run(call, repository), call.query("filter", "latest") == "all"
    found = list(jobs_of(call.site, run, every_attempt=every))
    return call.page(found, lambda one: write_job(call.site, repository, run, *one), wrap="jobs")


def get_job(call: Call) -> Response:
    repository = _readable(call)
    check, run = _job(call, repository)
    found = dict(_by_id(call, run))
    return answer(write_job(call.site, repository, run, check, found[check.id]))


def _by_id(call: Call, run: WorkflowRun) -> list[tuple[int, int]]:
    return [(check.id, attempt) for check, attempt in jobs_of(call.site, run, every_attempt=True)]


def routes(rerunner: Rerunner, wake: Callable[[], None]) -> list[Route]:
    """`wake` has queued jobs run."""

    def rerun(call: Call) -> Response:
        run = _again(call)
        return _done(run, call, None)

    def rerun_failed(call: Call) -> Response:
        run = _again(call)
        failed = rerunner.failed(run)
        if not failed:
            raise forbidden("The workflow run has no failed jobs to run again")
        return _done(run, call, failed)

    def rerun_job(call: Call) -> Response:
        repository = call.repository("actions", "write", "push")
        check, run = _job(call, repository)
        return _done(run, call, {check.external_id.split("/")[1]})

    def _done(run: WorkflowRun, call: Call, only: set[str] | None) -> Response:
        rerunner.rerun(run, call.person(), only)
        wake()
        return answer({}, 201)

    acts: dict[str, Handler] = {
        "runs/{run_id}/rerun": rerun,
        "runs/{run_id}/rerun-failed-jobs": rerun_failed,
        "jobs/{job_id}/rerun": rerun_job,
    }
    return [*_SHOWN, *(endpoint("POST", f"{_ACTIONS}/{path}", act) for path, act in acts.items())]


def _readable(call: Call) -> Repository:
    return call.repository("actions", "read")


def _again(call: Call) -> WorkflowRun:
    return _run(call, call.repository("actions", "write", "push"))


def _run(call: Call, repository: Repository) -> WorkflowRun:
    found = call.site.store.first(WorkflowRun, id=call.number("run_id"), repository_id=repository.id)
    if found is None:
        raise not_found()
    return found


def _job(call: Call, repository: Repository) -> tuple[CheckRun, WorkflowRun]:
    """The check run of a job says in its `external_id` which run it is of: `run/job/attempt`."""
    check = call.site.store.first(CheckRun, id=call.number("job_id"), repository_id=repository.id)
    number = check.external_id.partition("/")[0] if check else ""
    run = call.site.store.first(WorkflowRun, id=int(number)) if number.isdigit() else None
    if check is None or run is None or check.id not in dict(_by_id(call, run)):
        raise not_found()
    return check, run


_ACTIONS = "/api/v3/repos/{owner}/{repo}/actions"
_SHOWN = [
    endpoint("GET", f"{_ACTIONS}/runs", list_runs),
    endpoint("GET", f"{_ACTIONS}/runs/{{run_id}}", get_run),
    endpoint("GET", f"{_ACTIONS}/runs/{{run_id}}/jobs", list_jobs),
    endpoint("GET", f"{_ACTIONS}/jobs/{{job_id}}", get_job),
    *LOGS,
]
