"""People, organisations and the bots of Apps."""

from __future__ import annotations

from dataclasses import dataclass

from standins.github.serialisers.accounts import node_id
from standins.github.site import Site
from standins.github.store import Account

LETTERS = {"User": "U", "Organization": "O", "Bot": "B"}


@dataclass(frozen=True)
class Actor:
    """An account; a bot is called here without the `[bot]` that REST adds."""

    site: Site
    row: Account

    @property
    def typename(self) -> str:
        return self.row.type

    @property
    def id(self) -> str:
        return node_id(LETTERS[self.row.type], self.row.id)

    @property
    def database_id(self) -> int:
        return self.row.id

    @property
    def login(self) -> str:
        return self.row.login.removesuffix("[bot]")

    @property
    def email(self) -> str:
        return self.row.email or ""

    @property
    def url(self) -> str:
        kind = "apps/" if self.row.type == "Bot" else ""
        return f"{self.site.url}/{kind}{self.login}"


def actor(site: Site, account_id: int | None) -> Actor | None:
    """None for nobody, and for an account that was removed."""
    found = site.store.first(Account, id=account_id) if account_id else None
    return Actor(site, found) if found else None
