"""Commits, trees, blobs, refs, differences."""

from __future__ import annotations

from typing import Any

import pygit2

from standins.github.clock import from_epoch
from standins.github.diffs import Difference, FileChange
from standins.github.serialisers.accounts import node_id, simple_user
from standins.github.serialisers.repositories import repository_url
from standins.github.signatures import account_of
from standins.github.site import Site
from standins.github.store import Repository

JSON = dict[str, Any]
UNSIGNED = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}


def git_user(signature: pygit2.Signature) -> JSON:
    return {"name": signature.name, "email": signature.email, "date": from_epoch(signature.time)}


def commit(site: Site, repository: Repository, sha: str, difference: Difference | None = None) -> JSON:
    """`difference`, to the first parent, adds `stats` and `files`."""
    found = site.git(repository).commit(sha)
    url, html = repository_url(site, repository), f"{site.url}/{site.full_name(repository)}"
    content = {
        "sha": sha,
        "node_id": node_id("C", f"{repository.id}_{sha}"),
        "commit": _commit(url, sha, found),
        "url": f"{url}/commits/{sha}",
        "html_url": f"{html}/commit/{sha}",
        "comments_url": f"{url}/commits/{sha}/comments",
        "author": _account(site, found.author.email),
        "committer": _account(site, found.committer.email),
        "parents": [_parent(url, html, str(one), "commits") for one in found.parent_ids],
    }
    if difference is not None:
        content["stats"] = {
            "additions": difference.additions,
            "deletions": difference.deletions,
            "total": difference.additions + difference.deletions,
        }
        content["files"] = [file_change(site, repository, sha, one) for one in difference.files]
    return content


def _commit(url: str, sha: str, found: pygit2.Commit) -> JSON:
    return {
        "author": git_user(found.author),
        "committer": git_user(found.committer),
        "message": found.message.rstrip("\n"),
        "tree": {"sha": str(found.tree_id), "url": f"{url}/git/trees/{found.tree_id}"},
        "url": f"{url}/git/commits/{sha}",
        "comment_count": 0,
        "verification": UNSIGNED,
    }


def _account(site: Site, email: str) -> JSON | None:
    account = account_of(site, email)
    return simple_user(site, account) if account else None


def _parent(url: str, html: str, sha: str, kind: str) -> JSON:
    return {"sha": sha, "url": f"{url}/{kind}/{sha}", "html_url": f"{html}/commit/{sha}"}


def git_commit(site: Site, repository: Repository, sha: str) -> JSON:
    """A commit of the Git data API."""
    found = site.git(repository).commit(sha)
    url, html = repository_url(site, repository), f"{site.url}/{site.full_name(repository)}"
    return {
        "sha": sha,
        "node_id": node_id("C", f"{repository.id}_{sha}"),
        "url": f"{url}/git/commits/{sha}",
        "html_url": f"{html}/commit/{sha}",
        "author": git_user(found.author),
        "committer": git_user(found.committer),
        "tree": {"sha": str(found.tree_id), "url": f"{url}/git/trees/{found.tree_id}"},
        "message": found.message.rstrip("\n"),
        "parents": [_parent(url, html, str(one), "git/commits") for one in found.parent_ids],
        "verification": UNSIGNED,
    }


def git_ref(site: Site, repository: Repository, name: str, sha: str) -> JSON:
    url = repository_url(site, repository)
    return {
        "ref": name,
        "node_id": node_id("REF", f"{repository.id}_{name}"),
        "url": f"{url}/git/{name}",
        "object": {"type": "commit", "sha": sha, "url": f"{url}/git/commits/{sha}"},
    }


def file_change(site: Site, repository: Repository, head: str, change: FileChange) -> JSON:
    """One file of a difference; no `patch` where it is binary."""
    html, url = f"{site.url}/{site.full_name(repository)}", repository_url(site, repository)
    content: JSON = {
        "sha": change.sha,
        "filename": change.path,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
        "blob_url": f"{html}/blob/{head}/{change.path}",
        "raw_url": f"{html}/raw/{head}/{change.path}",
        "contents_url": f"{url}/contents/{change.path}?ref={head}",
    }
    if change.previous:
        content["previous_filename"] = change.previous
    if change.patch is not None:
        content["patch"] = change.patch
    return content
