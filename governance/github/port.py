"""What Lockgate reads from GitHub and does there: frozen dataclasses and one Protocol.

Repositories are `owner/name`, teams `org/slug`, commits full SHAs, times aware and in UTC.
Every method raises the family of `governance.github.errors`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

GHOST = 10137


@dataclass(frozen=True)
class Account:
    """An account; `id` decides, `login` is display. A deleted account is GitHub's `ghost`."""

    id: int
    login: str
    is_bot: bool = False
    name: str = ""


@dataclass(frozen=True)
class RequiredCheckReading:
    name: str
    app_id: int | None


@dataclass(frozen=True)
class RepositoryReading:
    """`required`: the checks that protection of the default branch requires; None: not protected."""

    id: int
    name: str  # owner/name
    default_branch: str
    main_sha: str
    required: tuple[RequiredCheckReading, ...] | None


@dataclass(frozen=True)
class CheckReading:
    id: int
    name: str
    app_id: int | None
    status: str
    conclusion: str
    summary: str
    url: str
    started_at: datetime | None
    completed_at: datetime | None


@dataclass(frozen=True)
class ReviewReading:
    id: int
    author: Account
    state: str  # approved, changes_requested, commented, dismissed
    body: str
    head_sha: str
    submitted_at: datetime


@dataclass(frozen=True)
class CommentReading:
    id: int
    author: Account
    body: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class PullRequestReading:
    """One consistent reading; `checks` are those of `head_sha`; a deleted fork has no `head_repository`."""

    number: int
    graphql_id: str
    title: str
    body: str
    author: Account
    head_repository: str | None
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str
    state: str  # open, merged, closed
    mergeable: bool | None
    merge_sha: str
    merged_by: Account | None
    created_at: datetime
    updated_at: datetime
    merged_at: datetime | None
    closed_at: datetime | None
    reviews: tuple[ReviewReading, ...]
    comments: tuple[CommentReading, ...]
    checks: tuple[CheckReading, ...]
    checks_mark: str  # changes with the check suites of the head


@dataclass(frozen=True)
class Glance:
    """Enough of a pull request to know whether to read it again; `checks_mark` None where not asked for."""

    number: int
    state: str
    head_sha: str
    updated_at: datetime
    checks_mark: str | None = None


@dataclass(frozen=True)
class Overview:
    """A repository with the pull requests that changed last, newest first; `more` where there are others."""

    repository: RepositoryReading
    recent: tuple[Glance, ...]
    more: bool


@dataclass(frozen=True)
class History:
    """A page of a repository's pull requests, oldest first; `next` is None behind the last one."""

    readings: tuple[PullRequestReading, ...]
    next: str | None
    size: int  # of the page, as large as GitHub could answer


@dataclass(frozen=True)
class MissedDelivery:
    """A webhook delivery that GitHub could not hand over, as it would have come; `status` as GitHub says."""

    guid: str
    event: str
    payload: bytes
    id: int
    status: str
    delivered_at: datetime


@dataclass(frozen=True)
class Deliveries:
    """What GitHub's list says: what nobody took, oldest first, the GUIDs of what arrived, the newest's id.

    `cut`: more were missed than are told of.
    """

    missed: tuple[MissedDelivery, ...]
    arrived: frozenset[str]
    newest: int | None = None
    cut: bool = False


@dataclass(frozen=True)
class NewCheck:
    """A check run to post; `conclusion` empty while `status` is in_progress."""

    name: str
    head_sha: str
    status: str
    conclusion: str
    title: str
    summary: str
    details_url: str
    external_id: str


class Reader(Protocol):
    """Reads with the App's own installation token. Ids of pull requests are GraphQL's."""

    def repository(self, repo: str) -> RepositoryReading: ...
    def overviews(self, repos: Sequence[str]) -> Mapping[str, Overview]: ...
    def updated(self, repo: str, since: datetime) -> tuple[Glance, ...]: ...
    def marks(self, owner: str, ids: Sequence[str]) -> Mapping[str, Glance]: ...
    def pull_request(self, repo: str, number: int) -> PullRequestReading | None: ...
    def pull_requests(self, owner: str, ids: Sequence[str]) -> Mapping[str, PullRequestReading]: ...
    def history(self, repo: str, after: str | None, size: int) -> History: ...
    def commit_authors(self, repo: str, number: int) -> tuple[Account | None, ...]: ...
    def pushers(self, repo: str, branch: str) -> tuple[Account | None, ...]: ...
    def team_members(self, team: str) -> tuple[Account, ...]: ...
    def teams_members(self, paths: Sequence[str]) -> Mapping[str, tuple[Account, ...] | None]: ...
    def deliveries(self, since: datetime) -> Deliveries: ...
    def redeliver(self, delivery: int) -> None: ...
    def app_account(self) -> Account: ...
    def post_check(self, repo: str, check: NewCheck) -> int: ...
    def find_check(self, repo: str, head: str, name: str, external_id: str) -> int | None: ...
    def update_branch(self, repo: str, number: int, head: str) -> None: ...
    def find_pull_request(self, repo: str, branch: str) -> int | None: ...
    def git_token(self, repo: str) -> str: ...


class Writer(Protocol):
    """Writes with the App's own installation token, to a branch that only the App may push."""

    def branch_head(self, repo: str, branch: str) -> str | None: ...
    def file_blob(self, repo: str, revision: str, path: str) -> str | None: ...
    def begin_branch(self, repo: str, branch: str, files: Mapping[str, bytes], message: str) -> str: ...
    def commit_files(
        self, repo: str, branch: str, head: str, files: Mapping[str, bytes], message: str
    ) -> str: ...


class Actor(Protocol):
    """Acts with one person's own token, so that GitHub attributes and permits it."""

    def branch_head(self, repo: str, branch: str) -> str | None: ...
    def read_file(self, repo: str, branch: str, path: str) -> bytes | None: ...
    def create_branch(self, repo: str, branch: str, sha: str) -> None: ...
    def commit_file(self, repo: str, branch: str, head: str, path: str, data: bytes, message: str) -> str: ...
    def find_pull_request(self, repo: str, branch: str) -> int | None: ...
    def open_pull_request(self, repo: str, branch: str, base: str, title: str, body: str) -> int: ...
    def review(self, repo: str, number: int, head: str, event: str, body: str) -> int: ...
    def comment(self, repo: str, number: int, body: str) -> int: ...
    def merge(self, repo: str, number: int, head: str, title: str) -> str: ...
    def close(self, repo: str, number: int) -> None: ...
