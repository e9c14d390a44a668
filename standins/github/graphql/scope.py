"""Who asks, and what they may see: carried by every object of an answer."""

from __future__ import annotations

from dataclasses import dataclass

from standins.github.auth.access import demand
from standins.github.auth.principal import Principal
from standins.github.errors import ApiError
from standins.github.git import GitRepository
from standins.github.graphql.errors import forbidden
from standins.github.site import Site
from standins.github.store import Repository


@dataclass(frozen=True)
class Asker:
    """One request's caller."""

    site: Site
    principal: Principal

    def within(self, repository: Repository) -> Scope:
        return Scope(self.site, self.principal, repository)


@dataclass(frozen=True)
class Scope(Asker):
    """The caller inside one repository that they can see."""

    repository: Repository

    @property
    def git(self) -> GitRepository:
        return self.site.git(self.repository)

    @property
    def html(self) -> str:
        return f"{self.site.url}/{self.site.full_name(self.repository)}"

    def demand(self, permission: str, level: str = "read", role: str = "pull") -> None:
        """Raises a GraphQL error of type FORBIDDEN where the caller may not."""
        try:
            demand(self.site, self.principal, self.repository, permission, level, role)
        except ApiError as error:
            raise forbidden(error.message) from error
