"""Workflow runs and jobs, as the API shows them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from standins.github.actions.rerunning import attempts, triggering_actor
from standins.github.check_runs import verdict
from standins.github.serialisers.accounts import node_id, simple_user
from standins.github.serialisers.checks import head_commit, pulls_at
from standins.github.serialisers.repositories import minimal_repository, repository_url
from standins.github.site import Site
from standins.github.store import CheckRun, Repository, WorkflowAttempt, WorkflowJob, WorkflowRun

JSON = dict[str, Any]


def checks_of(site: Site, run: WorkflowRun) -> dict[str, CheckRun]:
    """The check run of each job, at its latest attempt."""
    rows = site.store.find(WorkflowJob, run_id=run.id)
    return {row.key: site.store.get(CheckRun, row.check_run_id) for row in rows}


def workflow_run(site: Site, repository: Repository, row: WorkflowRun) -> JSON:
    checks = list(checks_of(site, row).values())
    status, conclusion = verdict(checks)
    url = f"{repository_url(site, repository)}/actions/runs/{row.id}"
    number, latest = attempts(site, row), site.store.find(WorkflowAttempt, run_id=row.id, newest_first=True)
    started = latest[0].started_at if latest else row.created_at
    suite = checks[0].check_suite_id if checks else 0
    return {
        "id": row.id,
        "name": row.name,
        "node_id": node_id("WFR", row.id),
        "check_suite_id": suite,
        "check_suite_node_id": node_id("CS", suite),
        "head_branch": row.head_branch,
        "head_sha": row.head_sha,
        "path": row.path,
        "display_title": _title(row),
        "run_number": row.id,
        "run_attempt": number,
        "event": row.event,
        "status": status,
        "conclusion": conclusion,
        "workflow_id": _first_of(site, row),
        "pull_requests": pulls_at(site, repository, row.head_sha),
        "created_at": row.created_at,
        "updated_at": max([started, *(one.completed_at or "" for one in checks)]),
        "run_started_at": started,
        "actor": simple_user(site, site.account(row.actor_id)),
        "triggering_actor": simple_user(site, triggering_actor(site, row)),
        "referenced_workflows": [],
        **_addresses(site, repository, row, url, suite, number),
        "head_commit": head_commit(site, repository, row.head_sha),
        "repository": minimal_repository(site, repository),
        "head_repository": minimal_repository(site, repository),
    }


def _addresses(
    site: Site, repository: Repository, row: WorkflowRun, url: str, suite: int, number: int
) -> JSON:
    home = repository_url(site, repository)
    return {
        "url": url,
        "html_url": f"{site.url}/{site.full_name(repository)}/actions/runs/{row.id}",
        "jobs_url": f"{url}/jobs",
        "logs_url": f"{url}/logs",
        "check_suite_url": f"{home}/check-suites/{suite}",
        "artifacts_url": f"{url}/artifacts",
        "cancel_url": f"{url}/cancel",
        "rerun_url": f"{url}/rerun",
        "previous_attempt_url": f"{url}/attempts/{number - 1}" if number > 1 else None,
        "workflow_url": f"{home}/actions/workflows/{_first_of(site, row)}",
    }


def _title(row: WorkflowRun) -> str:
    pull, head = row.payload.get("pull_request") or {}, row.payload.get("head_commit") or {}
    return str(pull.get("title") or head.get("message", row.name)).partition("\n")[0]


def _first_of(site: Site, row: WorkflowRun) -> int:
    """The workflow's own number: that of the first run of its file."""
    found = site.store.first(WorkflowRun, repository_id=row.repository_id, path=row.path)
    return found.id if found else row.id


def job(site: Site, repository: Repository, run: WorkflowRun, check: CheckRun, attempt: int) -> JSON:
    """A job of one attempt; its number is that of its check run."""
    url = repository_url(site, repository)
    html = f"{site.url}/{site.full_name(repository)}/actions/runs/{run.id}/job/{check.id}"
    return {
        "id": check.id,
        "run_id": run.id,
        "run_url": f"{url}/actions/runs/{run.id}",
        "run_attempt": attempt,
        "node_id": node_id("CR", check.id),
        "head_sha": run.head_sha,
        "head_branch": run.head_branch,
        "url": f"{url}/actions/jobs/{check.id}",
        "html_url": html,
        "status": check.status,
        "conclusion": check.conclusion,
        "created_at": check.started_at or run.created_at,
        "started_at": check.started_at or run.created_at,
        "completed_at": check.completed_at,
        "name": check.name,
        "steps": [],
        "check_run_url": f"{url}/check-runs/{check.id}",
        "labels": ["ubuntu-latest"],
        "runner_id": None,
        "runner_name": None,
        "runner_group_id": None,
        "runner_group_name": None,
        "workflow_name": run.name,
    }


def jobs_of(site: Site, run: WorkflowRun, *, every_attempt: bool) -> Iterable[tuple[CheckRun, int]]:
    """Each job's check run with the attempt it belongs to; the latest alone, or all, the oldest first."""
    begun = dict.fromkeys(checks_of(site, run), 1)
    for attempt in site.store.find(WorkflowAttempt, run_id=run.id):
        for key, check in attempt.replaced.items():
            if every_attempt:
                yield site.store.get(CheckRun, check), begun[key]
            begun[key] = attempt.number
    for key, current in checks_of(site, run).items():
        yield current, begun[key]
