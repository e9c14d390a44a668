"""Repositories and what hangs on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from standins.github.auth.access import visible
from standins.github.git import NotFound
from standins.github.graphql.actors import Actor
from standins.github.graphql.commits import Commit, GitObject, Ref, find_ref, git_object
from standins.github.graphql.errors import not_found, unprocessable
from standins.github.graphql.paging import Connection, Window, connect
from standins.github.graphql.pulls import PullRequest, state_of
from standins.github.graphql.scope import Asker, Scope
from standins.github.serialisers.accounts import node_id
from standins.github.store import PullRequest as PullRow
from standins.github.store import Repository as Row


@dataclass(frozen=True)
class Repository:
    scope: Scope
    typename = "Repository"

    @property
    def row(self) -> Row:
        return self.scope.repository

    @property
    def id(self) -> str:
        return node_id("R", self.row.id)

    @property
    def database_id(self) -> int:
        return self.row.id

    @property
    def name_with_owner(self) -> str:
        return self.scope.site.full_name(self.row)

    @property
    def is_private(self) -> bool:
        return self.row.private

    @property
    def url(self) -> str:
        return self.scope.html

    def owner(self) -> Actor:
        return Actor(self.scope.site, self.scope.site.account(self.row.owner_id))

    def default_branch_ref(self) -> Ref | None:
        self.scope.demand("contents")
        return find_ref(self.scope, f"refs/heads/{self.row.default_branch}")

    def ref(self, qualified_name: str) -> Ref | None:
        """A whole name, or that of a branch or tag."""
        self.scope.demand("contents")
        if qualified_name.startswith("refs/"):
            return find_ref(self.scope, qualified_name)
        for prefix in ("refs/", "refs/heads/", "refs/tags/"):
            found = find_ref(self.scope, prefix + qualified_name)
            if found:
                return found
        return None

    def object(self, expression: str | None = None, oid: str | None = None) -> GitObject | None:
        """By object name, or by a rev such as `main` or `main:folder/file`."""
        self.scope.demand("contents")
        if (expression is None) == (oid is None):
            raise unprocessable("Give either `expression` or `oid`.")
        if oid is not None:
            return git_object(self.scope, self.scope.git.objects.get(oid))
        rev, colon, path = (expression or "").partition(":")
        sha = self.scope.git.resolve(rev)
        if sha is None:
            return git_object(self.scope, self.scope.git.objects.get(rev)) if _is_oid(rev) else None
        try:
            if not colon:
                return Commit(self.scope, sha)
            return git_object(self.scope, self.scope.git.entry(sha, path), path)
        except NotFound:
            return None

    def pull_request(self, number: int) -> PullRequest:
        self.scope.demand("pull_requests")
        row = self.scope.site.store.first(PullRow, repository_id=self.row.id, number=number)
        if row is None:
            raise not_found(f"Could not resolve to a PullRequest with the number of {number}.")
        return PullRequest(self.scope, row)

    def pull_requests(
        self,
        states: list[str] | None = None,
        order_by: dict[str, str] | None = None,
        head_ref_name: str | None = None,
        base_ref_name: str | None = None,
        **window: Any,
    ) -> Connection[PullRequest]:
        self.scope.demand("pull_requests")
        rows = [
            row
            for row in self.scope.site.store.find(PullRow, repository_id=self.row.id)
            if (states is None or state_of(row) in states)
            and head_ref_name in (None, row.head_ref)
            and base_ref_name in (None, row.base_ref)
        ]
        order = order_by or {"field": "CREATED_AT", "direction": "ASC"}
        if order["field"] == "COMMENTS":
            raise unprocessable("The order COMMENTS is not implemented here")
        column = order["field"].lower()
        reverse = order["direction"] == "DESC"
        rows.sort(key=lambda row: (getattr(row, column), row.id), reverse=reverse)
        found = [PullRequest(self.scope, row) for row in rows]
        limits = Window("pullRequests", **window)
        return connect(found, limits, lambda pull: (getattr(pull.row, column), pull.row.id), reverse=reverse)


def _is_oid(text: str) -> bool:
    return len(text) == 40 and set(text) <= set("0123456789abcdef")


def find_repository(asker: Asker, full_name: str, *, follow_renames: bool = True) -> Repository:
    """By its address, or by an old one; raises NOT_FOUND for what is not this caller's to see."""
    owner, _, name = full_name.partition("/")
    row = asker.site.repository_named(owner, name)
    if row is None and follow_renames:
        row = asker.site.repository_once_named(owner, name)
    if row is None or not visible(asker.site, asker.principal, row):
        raise not_found(f"Could not resolve to a Repository with the name '{full_name}'.")
    return Repository(asker.within(row))
