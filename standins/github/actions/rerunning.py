"""Running a workflow run again: every job, or those that failed and what needs them."""

from __future__ import annotations

from dataclasses import dataclass

from standins.github.actions.posting import Checks
from standins.github.actions.reading import read_workflow
from standins.github.actions.workflow import Job
from standins.github.clock import now
from standins.github.errors import forbidden
from standins.github.site import Site
from standins.github.store import Account, CheckRun, Repository, WorkflowAttempt, WorkflowJob, WorkflowRun

GOOD = ("success", "neutral", "skipped")


@dataclass(frozen=True)
class Rerunner:
    """`rerun` queues jobs anew, each with a check run of its own; the caller wakes the runner."""

    site: Site
    checks: Checks

    def rerun(self, run: WorkflowRun, actor: Account, only: set[str] | None = None) -> None:
        """`only` names jobs (else all) that run again with all that need them. 403 while one is running."""
        store = self.site.store
        rows = store.find(WorkflowJob, run_id=run.id)
        if any(row.state != "done" for row in rows):
            raise forbidden("This workflow is already running")
        jobs = read_workflow(run.definition.encode(), run.path).jobs
        again = {job.id for job in jobs} if only is None else _with_dependants(jobs, only)
        chosen = [row for row in rows if row.key in again]
        number = attempts(self.site, run) + 1
        checks = self._queued(run, {job.id: job.name for job in jobs if job.id in again}, number)
        with store.transaction():
            replaced = {row.key: row.check_run_id for row in chosen}
            store.insert(WorkflowAttempt(0, run.id, number, actor.id, replaced, now()))
            for row in chosen:
                store.update(row, check_run_id=checks[row.key].id, state="queued")

    def _queued(self, run: WorkflowRun, names: dict[str, str], number: int) -> dict[str, CheckRun]:
        """A new check run for each job, by the job's id."""
        repository = self.site.store.get(Repository, run.repository_id)
        return {
            key: self.checks.queue(repository, run.head_sha, name, f"{run.id}/{key}/{number}", run.id)
            for key, name in names.items()
        }

    def failed(self, run: WorkflowRun) -> set[str]:
        """The jobs that did not come out well."""
        rows = self.site.store.find(WorkflowJob, run_id=run.id)
        checks = {row.key: self.site.store.get(CheckRun, row.check_run_id) for row in rows}
        return {key for key, check in checks.items() if check.conclusion not in GOOD}


def attempts(site: Site, run: WorkflowRun) -> int:
    """How often the run was started, the first time included."""
    return 1 + len(site.store.find(WorkflowAttempt, run_id=run.id))


def triggering_actor(site: Site, run: WorkflowRun) -> Account:
    """Who started the latest attempt."""
    latest = site.store.find(WorkflowAttempt, run_id=run.id, newest_first=True, limit=1)
    return site.account(latest[0].actor_id if latest else run.actor_id)


def _with_dependants(jobs: tuple[Job, ...], keys: set[str]) -> set[str]:
    found = set(keys)
    for job in jobs:  # what a job needs stands before it
        if found & set(job.needs):
            found.add(job.id)
    return found
