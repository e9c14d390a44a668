"""From a queued job's rows to all that the machine needs to run it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standins.github.actions.checkout import Source
from standins.github.actions.environments import Environments
from standins.github.actions.job_run import Assignment
from standins.github.actions.reading import read_workflow
from standins.github.actions.rerunning import attempts, triggering_actor
from standins.github.actions.workflow import Job
from standins.github.auth.access import installation_on
from standins.github.auth.tokens import issue_installation_token
from standins.github.git import GitRepository, NotFound
from standins.github.site import Site
from standins.github.store import Account, App, Repository, WorkflowRun


@dataclass(frozen=True)
class Assigner:
    """Gives jobs their token (of the App with this id), their source and their contexts."""

    site: Site
    app_id: int
    environments: Environments

    def assign(self, run: WorkflowRun, job: Job, place: Path) -> Assignment:
        """`place` is the job's own empty folder."""
        repository = self.site.store.get(Repository, run.repository_id)
        git, token = self.site.git(repository), self._token(job, repository)
        github = _github_context(self.site, run, job, repository, token, place)
        url = f"{self.site.url}/{github['repository']}.git"
        return Assignment(
            job=job,
            github=github,
            source=Source(git.path, url, run.sha, run.ref, token),
            requirements=lambda path: _file(git, run.base_sha, path),
            place=place,
            environments=self.environments,
        )

    def _token(self, job: Job, repository: Repository) -> str:
        """GITHUB_TOKEN: exactly what the workflow's `permissions` say, on this repository alone."""
        app = self.site.store.get(App, self.app_id)
        installation = installation_on(self.site, app.id, repository)
        if installation is None:
            raise LookupError("the Actions App is not installed on this repository")
        allowed = {name: level for name, level in job.permissions.items() if name in app.permissions}
        permissions = {"metadata": "read", **allowed}
        return issue_installation_token(
            self.site, app, installation, permissions=permissions, repositories=[repository]
        )


def job_of(run: WorkflowRun, key: str) -> Job:
    """The job with this id in the file as it was when the run began."""
    workflow = read_workflow(run.definition.encode(), run.path)
    return next(job for job in workflow.jobs if job.id == key)


def _file(git: GitRepository, sha: str, path: str) -> bytes | None:
    try:
        return git.read_blob(str(git.entry(sha, path).id))
    except NotFound:
        return None


def _github_context(
    site: Site, run: WorkflowRun, job: Job, repository: Repository, token: str, place: Path
) -> dict[str, Any]:
    full_name = site.full_name(repository)
    actor = site.store.get(Account, run.actor_id)
    pull: Mapping[str, Any] = run.payload.get("pull_request") or {}
    place.mkdir(parents=True)
    (place / "event.json").write_text(json.dumps(run.payload))
    return {
        "token": token,
        "event": run.payload,
        "event_name": run.event,
        "event_path": str(place / "event.json"),
        "sha": run.sha,
        "ref": run.ref,
        "ref_name": run.ref.split("/", 2)[2],
        "ref_type": "tag" if run.ref.startswith("refs/tags/") else "branch",
        "base_ref": pull["base"]["ref"] if pull else "",
        "head_ref": pull["head"]["ref"] if pull else "",
        "repository": full_name,
        "repository_id": repository.id,
        "repository_owner": full_name.split("/")[0],
        "repository_owner_id": repository.owner_id,
        "actor": actor.login,
        "actor_id": actor.id,
        "triggering_actor": triggering_actor(site, run).login,
        "workflow": run.name,
        "job": job.id,
        "run_id": run.id,
        "run_number": run.id,
        "run_attempt": attempts(site, run),
        "server_url": site.url,
        "api_url": site.api,
        "graphql_url": f"{site.url}/api/graphql",
        "workspace": str(place / "workspace" / repository.name / repository.name),
    }
