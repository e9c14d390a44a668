"""How accounts are written into commits."""

from __future__ import annotations

from standins.github.git import Signature
from standins.github.site import Site
from standins.github.store import Account

GITHUB = Signature("GitHub", "noreply@github.com")
_DOMAIN = "users.noreply.github.com"


def signature_of(account: Account, date: str = "") -> Signature:
    return Signature(account.name or account.login, f"{account.id}+{account.login}@{_DOMAIN}", date)


def account_of(site: Site, email: str) -> Account | None:
    """The account that an address in a commit belongs to, if any. Anyone can write any address."""
    local, _, domain = email.partition("@")
    if domain == _DOMAIN:
        number = local.partition("+")[0]
        return site.store.first(Account, id=int(number)) if number.isdigit() else site.account_named(local)
    return site.store.first(Account, email=email)
