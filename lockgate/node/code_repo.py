"""A project's Code Repo as this node sees it: its own mirror, and its own judgement of every merge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from lockgate.evidence import Commit, Expected, GitHubReader, Judgement, Mirror, examine_merge
from lockgate.formats import Project
from lockgate.node.storage import Store


class MainLine(Protocol):
    """The default branch of a Code Repo, as last fetched."""

    def tip(self) -> str: ...

    def merges(self, after: str) -> tuple[Commit, ...]:
        """The first parents after a commit, oldest first. Raises `HistoryRewritten` where it is gone."""

    def holds(self, commit: str) -> bool:
        """Whether a commit is on main's first-parent line, after `since`."""

    def read(self, revision: str, path: str) -> bytes | None: ...

    def blob(self, revision: str, path: str) -> str | None: ...

    def paths(self, revision: str, under: str) -> tuple[str, ...]: ...

    def added(self, commit: str, under: str) -> tuple[str, ...]: ...

    def judge(self, commit: str) -> Judgement:
        """Whether this commit is the merge of an approved pull request, on this node's own evidence."""

    def pull_request(self, commit: str) -> int | None:
        """The pull request that GitHub says was merged by this commit, approved or not."""


@dataclass(frozen=True)
class CodeRepo:
    """The adapter over a mirror and GitHub's word."""

    project: Project
    default_branch: str
    mirror: Mirror
    reader: GitHubReader
    expected: Expected
    node_accounts: Mapping[str, int]

    def tip(self) -> str:
        return self.mirror.tip(self.default_branch)

    def merges(self, after: str) -> tuple[Commit, ...]:
        return self.mirror.merges_since(after, self.tip())

    def holds(self, commit: str) -> bool:
        return any(each.sha == commit for each in self.merges(self.project.since))

    def read(self, revision: str, path: str) -> bytes | None:
        return self.mirror.read(revision, path)

    def blob(self, revision: str, path: str) -> str | None:
        return self.mirror.blob(revision, path)

    def paths(self, revision: str, under: str) -> tuple[str, ...]:
        return self.mirror.paths(revision, under)

    def added(self, commit: str, under: str) -> tuple[str, ...]:
        return self.mirror.added(commit, under)

    def judge(self, commit: str) -> Judgement:
        return examine_merge(
            self.mirror.one(commit),
            mirror=self.mirror,
            reader=self.reader,
            expected=self.expected,
            node_accounts=self.node_accounts,
            now=datetime.now(UTC),
        )

    def pull_request(self, commit: str) -> int | None:
        found = [each for each in self.reader.pull_requests_of(commit) if each.merge == commit]
        return found[0].number if found else None


@dataclass(frozen=True)
class ProjectOnNode:
    """All that the worker needs of one registered project. Both stores lie on one server.

    `account` is the account id of the bot of the node's App, as which results are proposed.
    """

    project: Project
    default_branch: str
    account: int
    main: MainLine
    internal: Store
    publication: Store
