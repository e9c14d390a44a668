"""From an event to queued jobs: which workflow files it starts, and which are refused aloud."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from standins.github.actions.commands import Annotation
from standins.github.actions.occasions import Occasion, occasions, workflow_files
from standins.github.actions.posting import Checks
from standins.github.actions.reading import job_names, read_triggers, read_workflow
from standins.github.actions.workflow import NotUnderstood, Workflow
from standins.github.clock import now
from standins.github.events import Event
from standins.github.site import Site
from standins.github.store import Account, CheckRun, PullRequest, Repository, WorkflowJob, WorkflowRun


@dataclass(frozen=True)
class Starter:
    site: Site
    checks: Checks

    def heard(self, event: Event) -> None:
        """Queue the jobs that the event starts; what Actions itself did starts none, as on GitHub."""
        if event.app_id == self.checks.app_id:
            return
        for occasion in occasions(self.site, event):
            self._start(occasion)

    def take_up(self) -> None:
        """After a crash: start what open pull requests still lack for their present head."""
        store, own = self.site.store, self.checks.app.account_id
        for pull in store.find(PullRequest, state="open"):
            known = store.first(WorkflowRun, pull_request_id=pull.id, head_sha=pull.head_sha)
            if known or pull.author_id == own:
                continue
            repository = store.get(Repository, pull.repository_id)
            author = store.get(Account, pull.author_id)
            facts = {"pull_request": pull, "before": pull.head_sha, "after": pull.head_sha}
            self.heard(Event("pull_request", "synchronize", repository, sender=author, facts=facts))

    def _start(self, occasion: Occasion) -> None:
        git = self.site.git(occasion.repository)
        for path, data in workflow_files(git, occasion.sha):
            try:
                trigger = read_triggers(data).get(occasion.event)
            except NotUnderstood as error:
                self._refuse(occasion, path, (path,), error)
                continue
            if trigger is None or not occasion.wanted_by(trigger):
                continue
            try:
                self._queue(occasion, read_workflow(data, path), data)
            except NotUnderstood as error:
                self._refuse(occasion, path, job_names(data) or (path,), error)

    def _queue(self, occasion: Occasion, workflow: Workflow, data: bytes) -> None:
        store = self.site.store
        run = store.insert(_run(occasion, workflow, data))
        for job in workflow.jobs:
            external_id = f"{run.id}/{job.id}"
            check = self.checks.queue(occasion.repository, run.head_sha, job.name, external_id, run.id)
            store.insert(WorkflowJob(0, run.id, job.id, check.id))

    def _refuse(self, occasion: Occasion, path: str, names: Iterable[str], why: NotUnderstood) -> None:
        """A failed check for each job of the file, said once for a head."""
        for name in names:
            known = self.site.store.first(
                CheckRun,
                repository_id=occasion.repository.id,
                app_id=self.checks.app_id,
                head_sha=occasion.head_sha,
                name=name,
                external_id=f"{path}: {why}",
            )
            if known is None:
                check = self.checks.queue(occasion.repository, occasion.head_sha, name, f"{path}: {why}")
                note = Annotation("failure", str(why), path=path, title="Not understood")
                self.checks.finish(check, "failure", f"Not understood: {path}: {why}", notes=[note])


def _run(occasion: Occasion, workflow: Workflow, data: bytes) -> WorkflowRun:
    return WorkflowRun(
        0,
        repository_id=occasion.repository.id,
        path=workflow.path,
        name=workflow.name,
        event=occasion.event,
        actor_id=occasion.actor_id,
        head_sha=occasion.head_sha,
        head_branch=occasion.head_branch,
        sha=occasion.sha,
        ref=occasion.ref,
        base_sha=occasion.base_sha,
        definition=data.decode(),
        payload=dict(occasion.payload),
        pull_request_id=occasion.pull_request_id,
        created_at=now(),
    )
