"""Installations of Apps: made, changed, suspended, ended. The App hears of each, subscribed or not."""

from __future__ import annotations

from collections.abc import Sequence

from standins.github.clock import now
from standins.github.errors import invalid
from standins.github.events import Event
from standins.github.site import Site
from standins.github.store import (
    Account,
    App,
    Installation,
    InstallationSuspension,
    Repository,
    Token,
)


def install(
    site: Site, app: App, account: Account, repositories: Sequence[Repository] | None, *, by: Account
) -> Installation:
    """On all repositories of the account, or on those given. Raises 422 where it is installed already."""
    if site.store.first(Installation, app_id=app.id, account_id=account.id):
        raise invalid("Validation Failed", f"{app.slug} is installed on {account.login} already")
    ids = None if repositories is None else [one.id for one in repositories]
    installation = site.store.insert(Installation(0, app.id, account.id, ids, now()))
    _tell(site, "created", installation, by)
    return installation


def uninstall(site: Site, installation: Installation, *, by: Account) -> None:
    reached = reached_by(site, installation)
    with site.store.transaction():
        site.store.delete(Token, installation_id=installation.id)
        site.store.delete(InstallationSuspension, installation_id=installation.id)
        site.store.delete(Installation, id=installation.id)
    _tell(site, "deleted", installation, by, reached)


def suspend(site: Site, installation: Installation, *, by: Account) -> None:
    """The App can do nothing there and hears nothing from there until it is let in again."""
    site.store.put(InstallationSuspension(0, installation.id, by.id, now()))
    _tell(site, "suspend", installation, by)


def let_in_again(site: Site, installation: Installation, *, by: Account) -> None:
    if site.store.delete(InstallationSuspension, installation_id=installation.id):
        _tell(site, "unsuspend", installation, by)


def choose(
    site: Site, installation: Installation, repositories: Sequence[int], *, by: Account
) -> Installation:
    """These repositories from now on, and no others. Says which came and which went."""
    before = set(installation.repositories or ())
    now_chosen = sorted(set(repositories))
    changed = site.store.update(installation, repositories=now_chosen)
    if added := [one for one in now_chosen if one not in before]:
        _tell_repositories(site, "added", changed, added, by)
    if removed := sorted(before - set(now_chosen)):
        _tell_repositories(site, "removed", changed, removed, by)
    return changed


def forget_repository(site: Site, repository: Repository, owner: Account, *, by: Account) -> None:
    """It has left this owner: the Apps that reached it there reach it no more."""
    for row in site.store.find(Installation, account_id=owner.id):
        if row.repositories is None:
            _tell_repositories(site, "removed", row, [repository.id], by)
        elif repository.id in row.repositories:
            choose(site, row, [one for one in row.repositories if one != repository.id], by=by)


def welcome_repository(site: Site, repository: Repository, owner: Account, *, by: Account) -> None:
    """It has come to this owner: Apps that reach all of theirs reach it too."""
    for row in site.store.find(Installation, account_id=owner.id, repositories=None):
        _tell_repositories(site, "added", row, [repository.id], by)


def reached_by(site: Site, installation: Installation) -> list[Repository]:
    rows = site.store.find(Repository, owner_id=installation.account_id)
    chosen = installation.repositories
    return [row for row in rows if chosen is None or row.id in chosen]


def _tell(
    site: Site,
    action: str,
    installation: Installation,
    by: Account,
    reached: Sequence[Repository] | None = None,
) -> None:
    repositories = reached_by(site, installation) if reached is None else reached
    facts = {"installation": installation, "repositories": repositories}
    site.bus.emit(Event("installation", action, sender=by, facts=facts))


def _tell_repositories(
    site: Site, action: str, installation: Installation, ids: Sequence[int], by: Account
) -> None:
    named = [site.store.get(Repository, one) for one in ids]
    facts = {"installation": installation, "repositories": named}
    site.bus.emit(Event("installation_repositories", action, sender=by, facts=facts))
