"""Credentials: made with 160 bits of chance, kept as SHA-256, shown once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence

from standins.github.clock import later, now
from standins.github.site import Site
from standins.github.store import Account, App, Installation, Repository, Token

PREFIXES = {
    "personal": "ghp_",
    "user": "ghu_",
    "refresh": "ghr_",
    "installation": "ghs_",
    "code": "",
    "session": "",
}
INSTALLATION_SECONDS = 3600
USER_SECONDS = 8 * 3600
REFRESH_SECONDS = 15_897_600
CODE_SECONDS = 600
SESSION_SECONDS = 14 * 24 * 3600


def find_token(site: Site, secret: str) -> Token | None:
    """The live token with this secret, or None."""
    token = site.store.first(Token, digest=digest(secret))
    if token is None or (token.expires_at and token.expires_at <= now()):
        return None
    return token


def issue(site: Site, row: Token, *, secret: str | None = None) -> str:
    """Stores a token (its `digest` is filled in here) and returns the secret."""
    secret = secret or PREFIXES[row.kind] + secrets.token_urlsafe(30)
    fields = {**vars(row), "digest": digest(secret), "created_at": now()}
    site.store.put(Token(**fields))
    return secret


def issue_installation_token(
    site: Site,
    app: App,
    installation: Installation,
    *,
    permissions: Mapping[str, str] | None = None,
    repositories: Sequence[Repository] | None = None,
    seconds: int = INSTALLATION_SECONDS,
) -> str:
    """A token of an App's installation, narrowed where permissions or repositories are given."""
    row = Token(
        0,
        "",
        "installation",
        account_id=app.account_id,
        app_id=app.id,
        installation_id=installation.id,
        permissions=dict(permissions) if permissions is not None else None,
        repositories=[one.id for one in repositories] if repositories is not None else None,
        expires_at=later(seconds),
    )
    return issue(site, row)


def issue_user_tokens(site: Site, app: App, account: Account) -> tuple[str, str]:
    """A person's token through an App, and the token that renews it once."""
    user = Token(0, "", "user", account_id=account.id, app_id=app.id, expires_at=later(USER_SECONDS))
    access = issue(site, user)
    refresh = Token(
        0,
        "",
        "refresh",
        account_id=account.id,
        app_id=app.id,
        details={"access": digest(access)},
        expires_at=later(REFRESH_SECONDS),
    )
    return access, issue(site, refresh)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
