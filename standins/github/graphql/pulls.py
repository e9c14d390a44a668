"""Pull requests, their reviews, comments, commits and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from standins.github.diffs import Difference, FileChange, differ
from standins.github.graphql.actors import Actor, actor
from standins.github.graphql.commits import Commit, Ref, find_ref
from standins.github.graphql.paging import Connection, Window, connect
from standins.github.graphql.scope import Scope
from standins.github.pulls.merging import mergeability
from standins.github.serialisers.accounts import node_id
from standins.github.serialisers.pulls import span
from standins.github.store import Comment as CommentRow
from standins.github.store import PullRequest as Row
from standins.github.store import Review as ReviewRow

if TYPE_CHECKING:
    from standins.github.graphql.repositories import Repository

_CHANGES = {"added": "ADDED", "removed": "DELETED", "modified": "MODIFIED", "renamed": "RENAMED"}


def state_of(row: Row) -> str:
    return "MERGED" if row.merged_at else row.state.upper()


@dataclass(frozen=True)
class PullRequest:
    scope: Scope
    row: Row
    typename = "PullRequest"
    is_cross_repository = False

    @property
    def id(self) -> str:
        return node_id("PR", self.row.id)

    @property
    def database_id(self) -> int:
        return self.row.id

    @property
    def full_database_id(self) -> int:
        return self.row.id

    @property
    def body(self) -> str:
        return self.row.body or ""

    @property
    def state(self) -> str:
        return state_of(self.row)

    @property
    def closed(self) -> bool:
        return self.row.state == "closed"

    @property
    def is_draft(self) -> bool:
        return self.row.draft

    @property
    def merged(self) -> bool:
        return self.row.merged_at is not None

    @property
    def mergeable(self) -> str:
        if self.row.state != "open":
            return "UNKNOWN"
        tree = mergeability(self.scope.site, self.scope.repository, self.row).tree
        return "CONFLICTING" if tree is None else "MERGEABLE"

    @property
    def url(self) -> str:
        return f"{self.scope.html}/pull/{self.row.number}"

    @property
    def base_ref_name(self) -> str:
        return self.row.base_ref

    @property
    def base_ref_oid(self) -> str:
        return self.row.base_sha

    @property
    def head_ref_name(self) -> str:
        return self.row.head_ref

    @property
    def head_ref_oid(self) -> str:
        return self.row.head_sha

    @property
    def additions(self) -> int:
        return self._difference.additions

    @property
    def deletions(self) -> int:
        return self._difference.deletions

    @property
    def changed_files(self) -> int:
        return len(self._difference.files)

    def author(self) -> Actor | None:
        return actor(self.scope.site, self.row.author_id)

    def merged_by(self) -> Actor | None:
        return actor(self.scope.site, self.row.merged_by)

    def merge_commit(self) -> Commit | None:
        return Commit(self.scope, self.row.merge_commit_sha) if self.row.merge_commit_sha else None

    def base_ref(self) -> Ref | None:
        return find_ref(self.scope, f"refs/heads/{self.row.base_ref}")

    def head_ref(self) -> Ref | None:
        return find_ref(self.scope, f"refs/heads/{self.row.head_ref}")

    def repository(self) -> Repository:
        from standins.github.graphql.repositories import Repository

        return Repository(self.scope)

    def base_repository(self) -> Repository:
        return self.repository()

    def head_repository(self) -> Repository:
        return self.repository()

    def reviews(self, states: list[str] | None = None, **window: Any) -> Connection[Review]:
        rows = self.scope.site.store.find(ReviewRow, pull_request_id=self.row.id)
        found = [Review(self.scope, self, row) for row in rows if states is None or row.state in states]
        return connect(found, Window("reviews", **window), lambda review: (review.row.id,))

    def comments(self, **window: Any) -> Connection[Comment]:
        rows = self.scope.site.store.find(CommentRow, pull_request_id=self.row.id)
        found = [Comment(self.scope, self, row) for row in rows]
        return connect(found, Window("comments", **window), lambda comment: (comment.row.id,))

    def commits(self, **window: Any) -> Connection[PullRequestCommit]:
        shas = self.scope.git.commits_between(*self._span)
        found = [PullRequestCommit(Commit(self.scope, sha)) for sha in shas]
        return connect(found, Window("commits", **window))

    def files(self, **window: Any) -> Connection[ChangedFile]:
        found: Sequence[ChangedFile] = [ChangedFile(change) for change in self._difference.files]
        return connect(found, Window("files", **window))

    @cached_property
    def _span(self) -> tuple[str, str]:
        return span(self.scope.site, self.scope.repository, self.row)

    @cached_property
    def _difference(self) -> Difference:
        return differ(self.scope.git, *self._span)


@dataclass(frozen=True)
class PullRequestCommit:
    commit: Commit


@dataclass(frozen=True)
class ChangedFile:
    row: FileChange

    @property
    def change_type(self) -> str:
        return _CHANGES.get(self.row.status, "CHANGED")


@dataclass(frozen=True)
class Review:
    scope: Scope
    pull: PullRequest
    row: ReviewRow
    typename = "PullRequestReview"

    @property
    def id(self) -> str:
        return node_id("PRR", self.row.id)

    @property
    def database_id(self) -> int:
        return self.row.id

    @property
    def url(self) -> str:
        return f"{self.pull.url}#pullrequestreview-{self.row.id}"

    def author(self) -> Actor | None:
        return actor(self.scope.site, self.row.account_id)

    def commit(self) -> Commit:
        return Commit(self.scope, self.row.commit_id)


@dataclass(frozen=True)
class Comment:
    scope: Scope
    pull: PullRequest
    row: CommentRow
    typename = "IssueComment"

    @property
    def id(self) -> str:
        return node_id("IC", self.row.id)

    @property
    def database_id(self) -> int:
        return self.row.id

    @property
    def url(self) -> str:
        return f"{self.pull.url}#issuecomment-{self.row.id}"

    def author(self) -> Actor | None:
        return actor(self.scope.site, self.row.account_id)
