"""Commits as a push event lists them."""

from __future__ import annotations

from typing import Any

from standins.github.git import GitRepository
from standins.github.serialisers.commits import git_user
from standins.github.signatures import account_of
from standins.github.site import Site
from standins.github.store import Repository

_LISTS = {"A": "added", "D": "removed"}


def push_commit(site: Site, repository: Repository, sha: str) -> dict[str, Any]:
    """`added`, `removed` and `modified` are against the first parent."""
    git = site.git(repository)
    found = git.commit(sha)
    parents = [str(one) for one in found.parent_ids]
    files: dict[str, list[str]] = {"added": [], "removed": [], "modified": []}
    for letter, path in _changes(git, parents, sha):
        files[_LISTS.get(letter, "modified")].append(path)
    return {
        "id": sha,
        "tree_id": str(found.tree_id),
        "distinct": True,
        "message": found.message.rstrip("\n"),
        "timestamp": git_user(found.author)["date"],
        "url": f"{site.url}/{site.full_name(repository)}/commit/{sha}",
        "author": _person(site, found.author),
        "committer": _person(site, found.committer),
        **files,
    }


def _changes(git: GitRepository, parents: list[str], sha: str) -> list[tuple[str, str]]:
    new = git.tree(sha)
    diff = new.diff_to_tree(git.tree(parents[0]), swap=True) if parents else new.diff_to_tree(swap=True)
    return [(delta.status_char(), delta.new_file.path) for delta in diff.deltas]


def _person(site: Site, signature: Any) -> dict[str, str]:
    account = account_of(site, signature.email)
    named = {"username": account.login} if account else {}
    return {"name": signature.name, "email": signature.email, **named}
