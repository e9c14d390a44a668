"""Repositories."""

from __future__ import annotations

from typing import Any

from standins.github.pulls.methods import merge_settings
from standins.github.serialisers.accounts import node_id, permissions, simple_user
from standins.github.site import Site
from standins.github.store import PullRequest, Repository

JSON = dict[str, Any]

_ADDRESSES = {
    "archive": "/{archive_format}{/ref}",
    "assignees": "/assignees{/user}",
    "blobs": "/git/blobs{/sha}",
    "branches": "/branches{/branch}",
    "collaborators": "/collaborators{/collaborator}",
    "comments": "/comments{/number}",
    "commits": "/commits{/sha}",
    "compare": "/compare/{base}...{head}",
    "contents": "/contents/{+path}",
    "contributors": "/contributors",
    "deployments": "/deployments",
    "downloads": "/downloads",
    "events": "/events",
    "forks": "/forks",
    "git_commits": "/git/commits{/sha}",
    "git_refs": "/git/refs{/sha}",
    "git_tags": "/git/tags{/sha}",
    "hooks": "/hooks",
    "issue_comment": "/issues/comments{/number}",
    "issue_events": "/issues/events{/number}",
    "issues": "/issues{/number}",
    "keys": "/keys{/key_id}",
    "labels": "/labels{/name}",
    "languages": "/languages",
    "merges": "/merges",
    "milestones": "/milestones{/number}",
    "notifications": "/notifications{?since,all,participating}",
    "pulls": "/pulls{/number}",
    "releases": "/releases{/id}",
    "stargazers": "/stargazers",
    "statuses": "/statuses/{sha}",
    "subscribers": "/subscribers",
    "subscription": "/subscription",
    "tags": "/tags",
    "teams": "/teams",
    "trees": "/git/trees{/sha}",
}


def repository_url(site: Site, row: Repository) -> str:
    return f"{site.api}/repos/{site.full_name(row)}"


def minimal_repository(site: Site, row: Repository) -> JSON:
    full_name, url = site.full_name(row), repository_url(site, row)
    return {
        "id": row.id,
        "node_id": node_id("R", row.id),
        "name": row.name,
        "full_name": full_name,
        "owner": simple_user(site, site.account(row.owner_id)),
        "private": row.private,
        "html_url": f"{site.url}/{full_name}",
        "description": row.description,
        "fork": False,
        "url": url,
        **{f"{name}_url": url + path for name, path in _ADDRESSES.items()},
    }


def repository(site: Site, row: Repository, role: str | None = None) -> JSON:
    """As in lists and inside pull requests; `role` adds what the caller may do."""
    full_name = site.full_name(row)
    opened = len(site.store.find(PullRequest, repository_id=row.id, state="open"))
    counts = dict.fromkeys(
        ("forks", "forks_count", "stargazers_count", "watchers", "watchers_count", "size"), 0
    )
    found = {
        **minimal_repository(site, row),
        **counts,
        "git_url": f"git://{full_name}.git",
        "ssh_url": f"git@{full_name}.git",
        "clone_url": f"{site.url}/{full_name}.git",
        "svn_url": f"{site.url}/{full_name}",
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "license": None,
        "default_branch": row.default_branch,
        "open_issues": opened,
        "open_issues_count": opened,
        "has_issues": True,
        "has_projects": False,
        "has_wiki": False,
        "has_pages": False,
        "has_discussions": False,
        "archived": False,
        "disabled": False,
        "visibility": "private" if row.private else "public",
        "allow_forking": False,
        "is_template": False,
        "web_commit_signoff_required": False,
        "topics": [],
        "pushed_at": row.pushed_at,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }
    return found if role is None else {**found, "permissions": permissions(role)}


def full_repository(site: Site, row: Repository, role: str) -> JSON:
    owner, allowed = site.account(row.owner_id), merge_settings(site, row)
    belongs = {"organization": simple_user(site, owner)} if owner.type == "Organization" else {}
    return {
        **repository(site, row, role),
        **belongs,
        "subscribers_count": 0,
        "network_count": 0,
        "allow_merge_commit": allowed.allow_merge_commit,
        "allow_squash_merge": allowed.allow_squash_merge,
        "allow_rebase_merge": allowed.allow_rebase_merge,
        "allow_auto_merge": False,
        "allow_update_branch": allowed.allow_update_branch,
        "delete_branch_on_merge": False,
    }
