"""What happens to accounts: suspended and let in again, renamed, removed.

GitHub's documentation promises no webhook where a person is suspended, renamed or removed, so none is
sent; of an organisation that is renamed its Apps hear.
"""

from __future__ import annotations

import re

from standins.github.clock import now
from standins.github.errors import invalid
from standins.github.events import Event
from standins.github.moving import remember_name
from standins.github.site import Site
from standins.github.store import (
    Account,
    AccountSuspension,
    Collaborator,
    Membership,
    Repository,
    TeamMember,
    Token,
)

LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,38}")


def suspend(site: Site, account: Account) -> None:
    """Whatever they come with, they are refused; their memberships stay."""
    _demand_person(account)
    site.store.put(AccountSuspension(0, account.id, now()))


def let_in_again(site: Site, account: Account) -> None:
    site.store.delete(AccountSuspension, account_id=account.id)


def rename(site: Site, account: Account, login: str, *, by: Account | None = None) -> Account:
    """The number stays. Old addresses of repositories lead on, the old login is free and leads nowhere."""
    if not LOGIN.fullmatch(login) or account.type == "Bot":
        raise invalid("Validation Failed", f"{login!r} cannot be the login of this account")
    taken = site.account_named(login)
    if taken is not None and taken.id != account.id:
        raise invalid("Validation Failed", f"Username {login} is not available")
    with site.store.transaction():
        for repository in site.store.find(Repository, owner_id=account.id):
            remember_name(site, account.login, repository)
        renamed = site.store.update(account, login=login)
    if account.type == "Organization":
        facts = {"changes": {"login": {"from": account.login}}}
        site.bus.emit(Event("organization", "renamed", None, renamed, by or renamed, facts=facts))
    return renamed


def remove(site: Site, account: Account) -> None:
    """The account is gone with all that it may do; what the person made is the ghost's."""
    _demand_person(account)
    if site.store.first(Repository, owner_id=account.id):
        raise invalid("Validation Failed", "the account owns repositories: transfer them first")
    with site.store.transaction():
        for kind in (Membership, TeamMember, Collaborator, Token, AccountSuspension):
            site.store.delete(kind, account_id=account.id)
        site.store.delete(Account, id=account.id)


def _demand_person(account: Account) -> None:
    if account.type != "User":
        raise invalid("Validation Failed", f"{account.login} is no person")
