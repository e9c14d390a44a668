"""Organisations with their teams, and who is in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from standins.github.errors import ApiError
from standins.github.graphql.actors import Actor
from standins.github.graphql.errors import forbidden, not_found
from standins.github.graphql.paging import Connection, Window, connect
from standins.github.graphql.scope import Asker
from standins.github.rest.organizations import demand_reach
from standins.github.serialisers.accounts import node_id
from standins.github.store import Account, TeamMember
from standins.github.store import Team as TeamRow


@dataclass(frozen=True)
class Organization(Actor):
    """An organisation as one that is in it, or an App there with `members: read`, sees it."""

    asker: Asker

    def team(self, slug: str) -> Team | None:
        try:
            demand_reach(self.site, self.asker.principal, self.row)
        except ApiError as error:
            raise forbidden(error.message) from error
        row = self.site.store.first(TeamRow, organization_id=self.row.id, slug=slug)
        return Team(self.asker, row) if row else None


@dataclass(frozen=True)
class Team:
    asker: Asker
    row: TeamRow
    typename = "Team"

    @property
    def id(self) -> str:
        return node_id("T", self.row.id)

    @property
    def database_id(self) -> int:
        return self.row.id

    def members(self, **window: Any) -> Connection[Actor]:
        site = self.asker.site
        rows = site.store.find(TeamMember, team_id=self.row.id)
        found = [Actor(site, site.account(row.account_id)) for row in rows]
        return connect(found, Window("members", **window), lambda member: (member.row.id,))


def find_organization(asker: Asker, login: str) -> Organization:
    """Raises NOT_FOUND where there is no organisation of this name."""
    found: Account | None = asker.site.account_named(login)
    if found is None or found.type != "Organization":
        raise not_found(f"Could not resolve to an Organization with the login of '{login}'.")
    return Organization(asker.site, found, asker)
