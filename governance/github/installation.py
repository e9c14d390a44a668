"""The App's installation tokens: minted with the App's JWT, kept in memory until shortly before they end."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from governance.github import pace
from governance.github.connection import Connection
from governance.github.errors import GitHubNotFound
from lockgate.github import AppKey

EARLY = timedelta(minutes=5)


@dataclass(frozen=True)
class Minted:
    token: str
    expires_at: datetime


class Installations:
    """Tokens by the account that the App is installed on."""

    def __init__(self, connection: Connection, *, app_id: int, private_key: str) -> None:
        self._connection = connection
        self._key = AppKey(app_id, private_key)
        self._lock = threading.Lock()
        self._minted: dict[str, Minted] = {}
        connection.when_limited = self.limited

    def token(self, owner: str) -> str:
        """A token that still holds for some minutes, for repositories and teams of this owner.

        Raises RateLimited while GitHub wants this installation to ask nothing.
        """
        pace.require_free(owner)
        with self._lock:
            known = self._minted.get(owner)
            if known is None or known.expires_at - datetime.now(UTC) < EARLY:
                known = self._mint(owner)
                self._minted[owner] = known
            return known.token

    def forget(self, owner: str) -> None:
        """Mint anew next time: GitHub did not take the token."""
        with self._lock:
            self._minted.pop(owner, None)

    def limited(self, token: str, until: datetime) -> None:
        """All of the installation waits whose token met a limit; a person's own token is none of these."""
        for owner, minted in list(self._minted.items()):
            if minted.token == token:
                pace.pause(owner, until)

    def app(self) -> Any:
        """GitHub's description of the App itself."""
        return self._connection.call("GET", "/app", token=self.jwt())

    def jwt(self) -> str:
        """What the App itself signs in with."""
        return self._key.jwt()

    def ask(self, path: str, *, body: Any = None, **params: Any) -> Any:
        """What GitHub tells the App itself alone, or gives it for a body: installations, tokens, webhook."""
        method = "GET" if body is None else "POST"
        return self._connection.call(method, path, token=self.jwt(), body=body, params=params or None)

    def _mint(self, owner: str) -> Minted:
        installation = self._installation(owner)
        said = self._connection.call(
            "POST", f"/app/installations/{installation['id']}/access_tokens", token=self.jwt(), body={}
        )
        return Minted(said["token"], datetime.fromisoformat(said["expires_at"]))

    def _installation(self, owner: str) -> Any:
        """Organizations and people have addresses of their own."""
        try:
            return self._connection.call("GET", f"/orgs/{owner}/installation", token=self.jwt())
        except GitHubNotFound:
            return self._connection.call("GET", f"/users/{owner}/installation", token=self.jwt())
