"""Where every query and mutation begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from standins.github.clock import later
from standins.github.graphql import mutations
from standins.github.graphql.actors import Actor
from standins.github.graphql.errors import forbidden
from standins.github.graphql.nodes import find_node
from standins.github.graphql.repositories import Repository, find_repository
from standins.github.graphql.scope import Asker

HOURLY_POINTS = 5000


@dataclass(frozen=True)
class RateLimit:
    """This stand-in counts nothing: the figures are those of a fresh hour."""

    reset_at: str
    cost: int = 1
    limit: int = HOURLY_POINTS
    node_count: int = 1
    used: int = 1
    remaining: int = HOURLY_POINTS - 1


@dataclass(frozen=True)
class Root:
    asker: Asker

    def node(self, id: str) -> Any:  # noqa: A002 - GitHub's name
        return find_node(self.asker, id)

    def rate_limit(self, dry_run: bool = False) -> RateLimit:  # noqa: ARG002
        return RateLimit(later(3600))

    def repository(self, owner: str, name: str, follow_renames: bool = True) -> Repository:  # noqa: ARG002
        return find_repository(self.asker, f"{owner}/{name}")

    def viewer(self) -> Actor:
        account = self.asker.principal.account
        if account is None or account.type != "User":
            raise forbidden()
        return Actor(self.asker.site, account)

    def create_commit_on_branch(self, input: dict[str, Any]) -> mutations.Committed:  # noqa: A002
        return mutations.create_commit_on_branch(self.asker, input)

    def create_ref(self, input: dict[str, Any]) -> mutations.Created:  # noqa: A002
        return mutations.create_ref(self.asker, input)
