"""The rows, one frozen dataclass for each table. `id=0` lets the database number the row.

Times are text to the second (`2026-11-23T18:00:00Z`). Columns of type `dict`, `list` hold JSON.
`UNIQUE` names the columns that identify a row, `SOUGHT` others by which many rows are looked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True)
class Row:
    id: int
    UNIQUE: ClassVar[tuple[str, ...]] = ()
    SOUGHT: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True)
class Account(Row):
    """A person (`User`), an organisation (`Organization`) or an App's bot (`Bot`)."""

    login: str
    type: str = "User"
    name: str | None = None
    email: str | None = None
    site_admin: bool = False
    base_permission: str = "none"  # of an organisation: what its members may do in all its repositories
    created_at: str = ""
    UNIQUE: ClassVar = ("login",)


@dataclass(frozen=True)
class Membership(Row):
    organization_id: int
    account_id: int
    role: str = "member"  # member | admin
    UNIQUE: ClassVar = ("organization_id", "account_id")


@dataclass(frozen=True)
class Team(Row):
    organization_id: int
    slug: str
    name: str
    created_at: str = ""
    UNIQUE: ClassVar = ("organization_id", "slug")


@dataclass(frozen=True)
class TeamMember(Row):
    team_id: int
    account_id: int
    role: str = "member"  # member | maintainer
    UNIQUE: ClassVar = ("team_id", "account_id")


@dataclass(frozen=True)
class Repository(Row):
    owner_id: int
    name: str
    private: bool
    default_branch: str
    description: str | None = None
    created_at: str = ""
    updated_at: str = ""
    pushed_at: str = ""
    UNIQUE: ClassVar = ("owner_id", "name")


@dataclass(frozen=True)
class TeamRepository(Row):
    team_id: int
    repository_id: int
    permission: str  # pull | triage | push | maintain | admin
    UNIQUE: ClassVar = ("team_id", "repository_id")


@dataclass(frozen=True)
class Collaborator(Row):
    repository_id: int
    account_id: int
    permission: str  # pull | triage | push | maintain | admin
    UNIQUE: ClassVar = ("repository_id", "account_id")


@dataclass(frozen=True)
class App(Row):
    slug: str
    name: str
    account_id: int  # the bot
    owner_id: int
    client_id: str
    client_secret: str
    public_key: str  # PEM; empty for an App that signs in nowhere (Actions)
    webhook_url: str = ""
    webhook_secret: str = ""
    callback_urls: list[str] = field(default_factory=list)
    permissions: dict[str, str] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    created_at: str = ""
    UNIQUE: ClassVar = ("slug",)


@dataclass(frozen=True)
class Installation(Row):
    app_id: int
    account_id: int
    repositories: list[int] | None = None  # None: all of the account
    created_at: str = ""
    UNIQUE: ClassVar = ("app_id", "account_id")


@dataclass(frozen=True)
class Token(Row):
    """A credential, kept as SHA-256. `kind`: personal | user | refresh | code | session | installation."""

    digest: str
    kind: str
    account_id: int | None = None
    app_id: int | None = None
    installation_id: int | None = None
    permissions: dict[str, str] | None = None
    repositories: list[int] | None = None
    scopes: list[str] = field(default_factory=list)
    details: dict[str, str] = field(default_factory=dict)
    created_at: str = ""
    expires_at: str | None = None
    UNIQUE: ClassVar = ("digest",)


@dataclass(frozen=True)
class PullRequest(Row):
    repository_id: int
    number: int
    title: str
    body: str | None
    author_id: int
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str  # the tip of the base when the head was last seen
    state: str = "open"  # open | closed
    draft: bool = False
    merge_commit_sha: str | None = None
    merged_by: int | None = None
    merged_at: str | None = None
    closed_at: str | None = None
    created_at: str = ""
    updated_at: str = ""
    UNIQUE: ClassVar = ("repository_id", "number")


@dataclass(frozen=True)
class Review(Row):
    pull_request_id: int
    account_id: int
    state: str  # APPROVED | CHANGES_REQUESTED | COMMENTED | DISMISSED | PENDING
    body: str
    commit_id: str
    submitted_at: str = ""
    SOUGHT: ClassVar = ("pull_request_id",)


@dataclass(frozen=True)
class Comment(Row):
    pull_request_id: int
    account_id: int
    body: str
    created_at: str = ""
    updated_at: str = ""
    SOUGHT: ClassVar = ("pull_request_id",)


@dataclass(frozen=True)
class CheckSuite(Row):
    repository_id: int
    app_id: int
    head_sha: str
    head_branch: str | None = None
    created_at: str = ""
    UNIQUE: ClassVar = ("repository_id", "app_id", "head_sha")
    SOUGHT: ClassVar = ("head_sha",)


@dataclass(frozen=True)
class CheckRun(Row):
    repository_id: int
    check_suite_id: int
    app_id: int
    name: str
    head_sha: str
    status: str  # queued | in_progress | completed
    conclusion: str | None = None
    external_id: str = ""
    details_url: str | None = None
    output: dict[str, Any] = field(default_factory=dict)  # title, summary, text
    annotations: list[dict[str, Any]] = field(default_factory=list)
    started_at: str | None = None
    completed_at: str | None = None
    SOUGHT: ClassVar = ("check_suite_id",)


@dataclass(frozen=True)
class Push(Row):
    """One line of a repository's activity: who moved which ref, by whatever way."""

    repository_id: int
    account_id: int
    ref: str
    before: str
    after: str
    kind: str  # push | force_push | branch_creation | branch_deletion | pr_merge
    timestamp: str


@dataclass(frozen=True)
class RefUpdate(Row):
    """A ref about to move, kept until its consequences are recorded, so that a crash loses none."""

    repository_id: int
    account_id: int
    app_id: int | None
    ref: str
    before: str
    after: str
    merges: int | None = None  # the pull request that this update merges


@dataclass(frozen=True)
class Protection(Row):
    """Protection of one branch, as the PUT gave it (names resolved to ids where it matters)."""

    repository_id: int
    branch: str
    settings: dict[str, Any]
    created_at: str
    updated_at: str
    UNIQUE: ClassVar = ("repository_id", "branch")


@dataclass(frozen=True)
class Delivery(Row):
    """One webhook delivery to one App: one attempt. A redelivery is another row with the same GUID."""

    guid: str
    app_id: int
    event: str
    action: str | None
    payload: str
    state: str = "waiting"  # waiting | held (by a switch) | delivered | failed
    status_code: int | None = None
    redelivery: bool = False
    created_at: str = ""
    delivered_at: str | None = None


@dataclass(frozen=True)
class WorkflowRun(Row):
    """One workflow file, started by one event. `definition` is the file as it was then.

    `sha` and `ref` are what the jobs check out, `base_sha` where requirement files come from.
    """

    repository_id: int
    path: str
    name: str
    event: str
    actor_id: int
    head_sha: str
    head_branch: str
    sha: str
    ref: str
    base_sha: str
    definition: str
    payload: dict[str, Any]
    pull_request_id: int | None = None
    created_at: str = ""


@dataclass(frozen=True)
class WorkflowJob(Row):
    """One job of a workflow run; its outcome is that of its check run."""

    run_id: int
    key: str  # the job's id in the file
    check_run_id: int
    state: str = "queued"  # queued | running | done
    UNIQUE: ClassVar = ("run_id", "key")
