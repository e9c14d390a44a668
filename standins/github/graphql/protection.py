"""Branch protection, as far as GraphQL is asked for it here: the checks that a branch requires."""

from __future__ import annotations

from dataclasses import dataclass

from standins.github.graphql import checks
from standins.github.graphql.scope import Scope
from standins.github.protection import protection_of
from standins.github.serialisers.accounts import node_id
from standins.github.store import App, Protection


@dataclass(frozen=True)
class ProtectionRule:
    scope: Scope
    row: Protection
    typename = "BranchProtectionRule"

    @property
    def id(self) -> str:
        return node_id("BPR", self.row.id)

    @property
    def pattern(self) -> str:
        return self.row.branch

    def required_status_checks(self) -> list[RequiredCheck] | None:
        required = self.row.settings["required_status_checks"]
        if required is None:
            return None
        return [RequiredCheck(self.scope, one["context"], one.get("app_id")) for one in required["checks"]]


@dataclass(frozen=True)
class RequiredCheck:
    scope: Scope
    context: str
    app_id: int | None

    def app(self) -> checks.App | None:
        """None where any source will do."""
        pinned = self.app_id if self.app_id and self.app_id > 0 else 0
        row = self.scope.site.store.first(App, id=pinned)
        return checks.App(row) if row else None


def rule_of(scope: Scope, branch: str) -> ProtectionRule | None:
    row = protection_of(scope.site, scope.repository, branch)
    return ProtectionRule(scope, row) if row else None
