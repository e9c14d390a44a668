"""Making a repository."""

from __future__ import annotations

from standins.github.clock import now
from standins.github.site import Site
from standins.github.store import Account, Repository


def create_repository(
    site: Site,
    owner: Account,
    name: str,
    *,
    private: bool,
    default_branch: str,
    description: str | None = None,
) -> Repository:
    """The row and the empty bare repository."""
    moment = now()
    row = Repository(0, owner.id, name, private, default_branch, description, moment, moment, moment)
    repository = site.store.insert(row)
    site.git(repository).create(default_branch)
    return repository
