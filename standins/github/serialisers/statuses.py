"""Commit statuses, one by one and together."""

from __future__ import annotations

from typing import Any

from standins.github.serialisers.accounts import node_id, simple_user
from standins.github.serialisers.repositories import minimal_repository, repository_url
from standins.github.site import Site
from standins.github.store import CommitStatus, Repository

JSON = dict[str, Any]


def status(site: Site, repository: Repository, row: CommitStatus) -> JSON:
    creator = simple_user(site, site.account(row.creator_id))
    return {**simple_status(site, repository, row), "creator": creator}


def simple_status(site: Site, repository: Repository, row: CommitStatus) -> JSON:
    """Without its creator."""
    return {
        "url": f"{repository_url(site, repository)}/statuses/{row.sha}",
        "avatar_url": f"{site.url}/avatars/u/{row.creator_id}",
        "id": row.id,
        "node_id": node_id("SC", row.id),
        "state": row.state,
        "description": row.description,
        "target_url": row.target_url,
        "context": row.context,
        "created_at": row.created_at,
        "updated_at": row.created_at,
    }


def latest_statuses(site: Site, repository: Repository, sha: str) -> list[CommitStatus]:
    """The newest of each context; a context's case does not matter."""
    rows = site.store.find(CommitStatus, repository_id=repository.id, sha=sha)
    return list({row.context.lower(): row for row in rows}.values())


def combined(site: Site, repository: Repository, sha: str, rows: list[CommitStatus]) -> JSON:
    """What stands beside the list: the state of all together."""
    url = repository_url(site, repository)
    return {
        "state": together([row.state for row in rows]),
        "sha": sha,
        "repository": minimal_repository(site, repository),
        "commit_url": f"{url}/commits/{sha}",
        "url": f"{url}/commits/{sha}/status",
    }


def together(states: list[str]) -> str:
    """failure where any is error or failure, pending where any is pending or none is there, else success."""
    if {"error", "failure"} & set(states):
        return "failure"
    return "pending" if not states or "pending" in states else "success"
