"""What people have let Apps do in their name, and its end."""

from __future__ import annotations

from standins.github.auth.tokens import digest
from standins.github.events import Event
from standins.github.site import Site
from standins.github.store import Account, App, Token

OF_PEOPLE = ("user", "refresh", "code")


def authorized_apps(site: Site, account: Account) -> list[App]:
    """The Apps that this person has signed in to and not revoked."""
    tokens = site.store.find(Token, account_id=account.id, kind=OF_PEOPLE)
    return [site.store.get(App, one) for one in sorted({row.app_id or 0 for row in tokens})]


def person_token(site: Site, app: App, secret: str) -> Token | None:
    """This App's token of a person, whether or not its time is over."""
    return site.store.first(Token, digest=digest(secret), kind="user", app_id=app.id)


def end_token(site: Site, token: Token) -> None:
    """One token, and what would have renewed it."""
    with site.store.transaction():
        refreshes = site.store.find(Token, kind="refresh", account_id=token.account_id, app_id=token.app_id)
        for row in refreshes:
            if row.details.get("access") == token.digest:
                site.store.delete(Token, id=row.id)
        site.store.delete(Token, id=token.id)


def revoke(site: Site, app: App, account: Account) -> None:
    """All that the App holds of this person; the App is told."""
    site.store.delete(Token, app_id=app.id, account_id=account.id, kind=OF_PEOPLE)
    site.bus.emit(Event("github_app_authorization", "revoked", sender=account, facts={"app": app}))
