"""The page of a workflow run: its jobs, how they came out, and what they printed."""

from __future__ import annotations

from html import escape

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from standins.github.actions.runner import log_file
from standins.github.site import Site
from standins.github.store import CheckRun, WorkflowJob, WorkflowRun
from standins.github.web.page import page
from standins.github.web.pages import MISSING, readable, stranger


async def show_run(request: Request) -> Response:
    return await run_in_threadpool(_show_run, request)


def _show_run(request: Request) -> Response:
    site: Site = request.app.state.site
    repository = readable(request)
    if repository is None:
        return stranger(request)
    run = site.store.first(WorkflowRun, id=request.path_params["run"], repository_id=repository.id)
    if run is None:
        return MISSING
    facts = f"<p>{escape(run.path)} on {escape(run.event)}, head <code>{run.head_sha}</code></p>"
    jobs = "".join(_job(site, job) for job in site.store.find(WorkflowJob, run_id=run.id))
    return HTMLResponse(page(run.name, facts + jobs))


def _job(site: Site, job: WorkflowJob) -> str:
    check = site.store.get(CheckRun, job.check_run_id)
    file = log_file(site, check.id)
    log = file.read_text() if file.exists() else ""
    title = check.output.get("title") or ""
    heading = f"<h2>{escape(check.name)}: {check.conclusion or check.status}</h2><p>{escape(title)}</p>"
    return f"{heading}<pre>{escape(log)}</pre>"


PAGES = (Route("/{owner}/{repo}/actions/runs/{run:int}", show_run, methods=["GET"]),)
