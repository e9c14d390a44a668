"""Where every query and mutation begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from standins.github.graphql import mutations
from standins.github.graphql.actors import Actor
from standins.github.graphql.errors import Refusal, forbidden
from standins.github.graphql.nodes import find_node
from standins.github.graphql.purse import RateLimit
from standins.github.graphql.repositories import Repository, find_repository
from standins.github.graphql.scope import Asker
from standins.github.graphql.teams import Organization, find_organization


@dataclass(frozen=True)
class Root:
    asker: Asker
    paid: RateLimit

    def organization(self, login: str) -> Organization:
        return find_organization(self.asker, login)

    def nodes(self, ids: list[str]) -> list[Any]:
        """What is not there is null in its place, with an error beside it."""
        return [self._node_or_error(name) for name in ids]

    def _node_or_error(self, name: str) -> Any:
        try:
            return find_node(self.asker, name)
        except Refusal as error:
            return error

    def node(self, id: str) -> Any:  # noqa: A002 - GitHub's name
        return find_node(self.asker, id)

    def rate_limit(self, dry_run: bool = False) -> RateLimit:  # noqa: ARG002
        return self.paid

    def repository(self, owner: str, name: str, follow_renames: bool = True) -> Repository:
        return find_repository(self.asker, f"{owner}/{name}", follow_renames=follow_renames)

    def viewer(self) -> Actor:
        account = self.asker.principal.account
        if account is None or account.type != "User":
            raise forbidden()
        return Actor(self.asker.site, account)

    def create_commit_on_branch(self, input: dict[str, Any]) -> mutations.Committed:  # noqa: A002
        return mutations.create_commit_on_branch(self.asker, input)

    def create_ref(self, input: dict[str, Any]) -> mutations.Created:  # noqa: A002
        return mutations.create_ref(self.asker, input)
