"""From an Authorization header to the one who calls."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from standins.github.auth.app_jwt import app_of_jwt
from standins.github.auth.tokens import find_token
from standins.github.errors import ApiError
from standins.github.site import Site
from standins.github.store import (
    Account,
    AccountSuspension,
    App,
    Installation,
    InstallationSuspension,
    Token,
)

SUSPENDED = "Sorry. Your account was suspended."


@dataclass(frozen=True)
class Principal:
    """`kind`: anonymous | personal | app | client | installation | user (a person through an App).

    An App is `app` by its key, and `client`, good for its people's tokens alone, by its client secret.

    `account` is the person, or the App's bot. `permissions` None means: not narrowed by an App.
    `repositories` None means: all that the installation or person reaches.
    """

    kind: str
    account: Account | None = None
    app: App | None = None
    installation: Installation | None = None
    permissions: Mapping[str, str] | None = None
    repositories: tuple[int, ...] | None = None
    scopes: tuple[str, ...] = ()

    @property
    def app_id(self) -> int | None:
        return self.app.id if self.app else None


ANONYMOUS = Principal("anonymous")


def principal_of(site: Site, header: str | None) -> Principal:
    """Raises 401 where credentials are given and not known."""
    if not header:
        return ANONYMOUS
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "basic":
        name, secret = _basic(value)
        return _client(site, name, secret) or principal_of_token(site, secret)
    if scheme.lower() not in ("bearer", "token"):
        raise ApiError(401, "Bad credentials")
    if value.count(".") == 2:
        app = app_of_jwt(site, value.strip())
        return Principal("app", site.account(app.account_id), app)
    return principal_of_token(site, value.strip())


def principal_of_token(site: Site, secret: str) -> Principal:
    token = find_token(site, secret)
    if token is None or token.kind not in ("personal", "user", "installation"):
        raise ApiError(401, "Bad credentials")
    if token.kind == "installation":
        return _of_installation(site, token)
    account = site.store.get(Account, token.account_id or 0)
    if site.store.first(AccountSuspension, account_id=account.id):
        raise ApiError(403, SUSPENDED)
    app = site.store.get(App, token.app_id) if token.app_id else None
    permissions = app.permissions if app else None
    return Principal(token.kind, account, app, permissions=permissions, scopes=tuple(token.scopes))


def _of_installation(site: Site, token: Token) -> Principal:
    installation = site.store.first(Installation, id=token.installation_id)
    app = site.store.get(App, token.app_id or 0)
    if installation is None:
        raise ApiError(401, "Bad credentials")
    demand_active(site, installation)
    repositories = installation.repositories if token.repositories is None else token.repositories
    return Principal(
        "installation",
        site.account(app.account_id),
        app,
        installation,
        token.permissions if token.permissions is not None else app.permissions,
        None if repositories is None else tuple(repositories),
    )


def demand_active(site: Site, installation: Installation) -> None:
    """Raises 403 while the installation is suspended."""
    if site.store.first(InstallationSuspension, installation_id=installation.id):
        raise ApiError(403, "This installation has been suspended")


def _client(site: Site, name: str, secret: str) -> Principal | None:
    """An App by its client id and secret; None where these are of no App."""
    app = site.store.first(App, client_id=name)
    if app is None or not app.client_secret or not hmac.compare_digest(app.client_secret, secret):
        return None
    return Principal("client", app=app)


def _basic(value: str) -> tuple[str, str]:
    """Of Basic credentials: name and password; the name twice where the password is empty or a formality."""
    try:
        name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ApiError(401, "Bad credentials") from error
    return name, name if password in ("", "x-oauth-basic") else password
