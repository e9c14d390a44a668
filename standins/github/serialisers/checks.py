"""Apps, installations, check runs and suites."""

from __future__ import annotations

from typing import Any

from standins.github.check_runs import verdict
from standins.github.serialisers.accounts import node_id, simple_user
from standins.github.serialisers.commits import git_user
from standins.github.serialisers.repositories import minimal_repository, repository_url
from standins.github.site import Site
from standins.github.store import (
    App,
    CheckRun,
    CheckSuite,
    Installation,
    InstallationSuspension,
    PullRequest,
    Repository,
)

JSON = dict[str, Any]


def app(site: Site, row: App) -> JSON:
    return {
        "id": row.id,
        "slug": row.slug,
        "node_id": node_id("A", row.id),
        "client_id": row.client_id,
        "owner": simple_user(site, site.account(row.owner_id)),
        "name": row.name,
        "description": "",
        "external_url": site.url,
        "html_url": f"{site.url}/apps/{row.slug}",
        "created_at": row.created_at,
        "updated_at": row.created_at,
        "permissions": {"metadata": "read", **row.permissions},
        "events": row.events,
    }


def installation(site: Site, row: Installation) -> JSON:
    owner, found = site.account(row.account_id), site.store.get(App, row.app_id)
    suspended = site.store.first(InstallationSuspension, installation_id=row.id)
    page = f"{site.url}/organizations/{owner.login}" if owner.type == "Organization" else site.url
    return {
        "id": row.id,
        "account": simple_user(site, owner),
        "repository_selection": "all" if row.repositories is None else "selected",
        "access_tokens_url": f"{site.api}/app/installations/{row.id}/access_tokens",
        "repositories_url": f"{site.api}/installation/repositories",
        "html_url": f"{page}/settings/installations/{row.id}",
        "app_id": found.id,
        "app_slug": found.slug,
        "target_id": owner.id,
        "target_type": owner.type,
        "permissions": {"metadata": "read", **found.permissions},
        "events": found.events,
        "created_at": row.created_at or owner.created_at,
        "updated_at": row.created_at or owner.created_at,
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": simple_user(site, site.account(suspended.suspended_by)) if suspended else None,
        "suspended_at": suspended.created_at if suspended else None,
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
        "pull_requests": pulls_at(site, repository, row.head_sha),
    }


def check_suite(site: Site, repository: Repository, row: CheckSuite) -> JSON:
    runs = site.store.find(CheckRun, check_suite_id=row.id)
    status, conclusion = verdict(runs)
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
        "pull_requests": pulls_at(site, repository, row.head_sha),
        "app": app(site, site.store.get(App, row.app_id)),
        "repository": minimal_repository(site, repository),
        "created_at": row.created_at,
        "updated_at": row.created_at,
        "head_commit": head_commit(site, repository, row.head_sha),
        "latest_check_runs_count": len(runs),
        "check_runs_url": f"{url}/check-runs",
    }


def head_commit(site: Site, repository: Repository, sha: str) -> JSON:
    found = site.git(repository).commit(sha)
    return {
        "id": sha,
        "tree_id": str(found.tree_id),
        "message": found.message.rstrip("\n"),
        "timestamp": git_user(found.author)["date"],
        "author": _person(found.author),
        "committer": _person(found.committer),
    }


def _person(signature: Any) -> JSON:
    return {"name": signature.name, "email": signature.email}


def pulls_at(site: Site, repository: Repository, sha: str) -> list[JSON]:
    """The open pull requests with this head, in short."""
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
