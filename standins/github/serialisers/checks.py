"""Apps, installations, check runs and suites."""

from __future__ import annotations

from typing import Any

from standins.github.serialisers.accounts import node_id, simple_user
from standins.github.serialisers.commits import git_user
from standins.github.serialisers.repositories import minimal_repository, repository_url
from standins.github.site import Site
from standins.github.store import App, CheckRun, CheckSuite, Installation, PullRequest, Repository

JSON = dict[str, Any]


def app(site: Site, row: App) -> JSON:
    return {
        "id": row.id,
        "slug": row.slug,
        "node_id": node_id("A", row.id),
        "client_id": row.client_id,
        "owner": simple_user(site, site.account(row.owner_id)),
        "name": row.name,
        "description": None,
        "external_url": site.url,
        "html_url": f"{site.url}/apps/{row.slug}",
        "created_at": row.created_at,
        "updated_at": row.created_at,
        "permissions": {"metadata": "read", **row.permissions},
        "events": row.events,
    }


def installation(site: Site, row: Installation) -> JSON:
    owner, found = site.account(row.account_id), site.store.get(App, row.app_id)
    page = f"{site.url}/organizations/{owner.login}" if owner.type == "Organization" else site.url
    return {
        "id": row.id,
        "account": simple_user(site, owner),
        "repository_selection": "all" if row.repositories is None else "selected",
        "access_tokens_url": f"{site.api}/app/installations/{row.id}/access_tokens",
        "repositories_url": f"{site.api}/installation/repositories",
        "html_url": f"{page}/settings/installations/{row.id}",
        "app_id": found.id,
        "client_id": found.client_id,
        "app_slug": found.slug,
        "target_id": owner.id,
        "target_type": owner.type,
        "permissions": {"metadata": "read", **found.permissions},
        "events": found.events,
        "created_at": row.created_at,
        "updated_at": row.created_at,
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": None,
        "suspended_at": None,
    }


def check_run(site: Site, repository: Repository, row: CheckRun) -> JSON:
    url = f"{repository_url(site, repository)}/check-runs/{row.id}"
    return {
        "id": row.id,
        "name": row.name,
        "node_id": node_id("CR", row.id),
        "head_sha": row.head_sha,
        "external_id": row.external_id,
        "url": url,
        "html_url": f"{site.url}/{site.full_name(repository)}/runs/{row.id}",
        "details_url": row.details_url or site.url,
        "status": row.status,
        "conclusion": row.conclusion,
        "started_at": row.started_at,
        "completed_at": row.completed_at,
        "output": {
            "title": row.output.get("title"),
            "summary": row.output.get("summary"),
            "text": row.output.get("text"),
            "annotations_count": len(row.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": row.check_suite_id},
        "app": app(site, site.store.get(App, row.app_id)),
        "pull_requests": _pulls(site, repository, row.head_sha),
    }


def check_suite(site: Site, repository: Repository, row: CheckSuite) -> JSON:
    runs = site.store.find(CheckRun, check_suite_id=row.id)
    status, conclusion = verdict(runs)
    commit = site.git(repository).commit(row.head_sha)
    url = f"{repository_url(site, repository)}/check-suites/{row.id}"
    return {
        "id": row.id,
        "node_id": node_id("CS", row.id),
        "head_branch": row.head_branch,
        "head_sha": row.head_sha,
        "status": status,
        "conclusion": conclusion,
        "url": url,
        "before": None,
        "after": row.head_sha,
        "pull_requests": _pulls(site, repository, row.head_sha),
        "app": app(site, site.store.get(App, row.app_id)),
        "repository": minimal_repository(site, repository),
        "created_at": row.created_at,
        "updated_at": row.created_at,
        "head_commit": {
            "id": row.head_sha,
            "tree_id": str(commit.tree_id),
            "message": commit.message.rstrip("\n"),
            "timestamp": git_user(commit.author)["date"],
            "author": _person(commit.author),
            "committer": _person(commit.committer),
        },
        "latest_check_runs_count": len(runs),
        "check_runs_url": f"{url}/check-runs",
    }


def verdict(runs: list[CheckRun]) -> tuple[str, str | None]:
    """The status and conclusion of a suite from those of its runs."""
    if not runs:
        return "queued", None
    if any(run.status != "completed" for run in runs):
        return "in_progress", None
    bad = [run.conclusion for run in runs if run.conclusion not in ("success", "neutral", "skipped")]
    return "completed", bad[0] if bad else "success"


def _person(signature: Any) -> JSON:
    return {"name": signature.name, "email": signature.email}


def _pulls(site: Site, repository: Repository, sha: str) -> list[JSON]:
    pulls = site.store.find(PullRequest, repository_id=repository.id, head_sha=sha, state="open")
    return [_minimal_pull(site, repository, pull) for pull in pulls]


def _minimal_pull(site: Site, repository: Repository, pull: PullRequest) -> JSON:
    url = repository_url(site, repository)
    own = {"id": repository.id, "url": url, "name": repository.name}
    return {
        "id": pull.id,
        "number": pull.number,
        "url": f"{url}/pulls/{pull.number}",
        "head": {"ref": pull.head_ref, "sha": pull.head_sha, "repo": own},
        "base": {"ref": pull.base_ref, "sha": pull.base_sha, "repo": own},
    }
