"""Repositories that get another name or owner, and the old addresses that lead to them."""

from __future__ import annotations

from standins.github.clock import now
from standins.github.errors import invalid
from standins.github.events import Event
from standins.github.installing import forget_repository, welcome_repository
from standins.github.site import Site
from standins.github.store import Account, Collaborator, FormerName, Repository, TeamRepository


def remember_name(site: Site, login: str, repository: Repository) -> None:
    """The address under which it was known leads to it, unless and until another has that address."""
    site.store.put(FormerName(0, login, repository.name, repository.id))


def rename(site: Site, repository: Repository, name: str, *, by: Account) -> Repository:
    owner = site.account(repository.owner_id)
    demand_free(site, owner, name, repository)
    with site.store.transaction():
        remember_name(site, owner.login, repository)
        renamed = site.store.update(repository, name=name, updated_at=now())
    changes = {"repository": {"name": {"from": repository.name}}}
    site.bus.emit(Event("repository", "renamed", renamed, sender=by, facts={"changes": changes}))
    return renamed


def transfer(
    site: Site, repository: Repository, owner: Account, *, by: Account, name: str | None = None
) -> Repository:
    """To another owner, at once. Teams of the old one lose it, who was a collaborator stays one."""
    before, name = site.account(repository.owner_id), name or repository.name
    demand_free(site, owner, name, repository)
    with site.store.transaction():
        remember_name(site, before.login, repository)
        if owner.id != before.id:
            site.store.delete(TeamRepository, repository_id=repository.id)
            site.store.delete(Collaborator, repository_id=repository.id, account_id=owner.id)
        moved = site.store.update(repository, owner_id=owner.id, name=name, updated_at=now())
    forget_repository(site, repository, before, by=by)
    welcome_repository(site, moved, owner, by=by)
    facts = {"from": before}
    site.bus.emit(Event("repository", "transferred", moved, sender=by, facts=facts))
    return moved


def demand_free(site: Site, owner: Account, name: str, repository: Repository | None = None) -> None:
    """Raises 422 where a repository cannot be called so there."""
    field = {"resource": "Repository", "code": "custom", "field": "name"}
    if not name or not all(char.isalnum() or char in "-_." for char in name) or name in (".", ".."):
        raise invalid("Repository creation failed.", field)
    taken = site.store.first(Repository, owner_id=owner.id, name=name)
    if taken is not None and (repository is None or taken.id != repository.id):
        message = "name already exists on this account"
        raise invalid("Repository creation failed.", {**field, "message": message})
