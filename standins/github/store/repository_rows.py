"""More rows: what a repository demands of its branches, and what is said about its commits and requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from standins.github.store.rows import Row


@dataclass(frozen=True)
class MergeSettings(Row):
    """How pull requests of a repository may be merged; one without a row allows all three ways."""

    repository_id: int
    allow_merge_commit: bool = True
    allow_squash_merge: bool = True
    allow_rebase_merge: bool = True
    allow_update_branch: bool = False
    UNIQUE: ClassVar = ("repository_id",)


@dataclass(frozen=True)
class Ruleset(Row):
    """Rules for the branches that its conditions name, and who is above them, as GitHub's API has them."""

    repository_id: int
    name: str
    target: str  # branch | tag
    enforcement: str  # active | evaluate | disabled
    conditions: dict[str, Any]  # {"ref_name": {"include": [...], "exclude": [...]}}
    rules: list[dict[str, Any]]  # {"type": ..., "parameters": {...}}
    bypass_actors: list[dict[str, Any]]  # {"actor_id": ..., "actor_type": ..., "bypass_mode": ...}
    created_at: str = ""
    updated_at: str = ""
    UNIQUE: ClassVar = ("repository_id", "name")


@dataclass(frozen=True)
class CommitStatus(Row):
    """What somebody said of a commit under a context; the newest of each context counts."""

    repository_id: int
    sha: str
    context: str
    state: str  # error | failure | pending | success
    creator_id: int
    app_id: int | None = None
    description: str | None = None
    target_url: str | None = None
    created_at: str = ""


@dataclass(frozen=True)
class ReviewRequest(Row):
    """A person or a team that is asked to review; gone once they have."""

    pull_request_id: int
    account_id: int | None = None
    team_id: int | None = None


@dataclass(frozen=True)
class Label(Row):
    repository_id: int
    name: str
    color: str = "ededed"
    description: str | None = None
    UNIQUE: ClassVar = ("repository_id", "name")


@dataclass(frozen=True)
class PullLabel(Row):
    pull_request_id: int
    label_id: int
    UNIQUE: ClassVar = ("pull_request_id", "label_id")


@dataclass(frozen=True)
class WorkflowAttempt(Row):
    """A re-run of a workflow run; the first attempt is the run itself."""

    run_id: int
    number: int
    actor_id: int
    replaced: dict[str, int] = field(default_factory=dict)  # check runs of the attempt before, by job
    started_at: str = ""
    UNIQUE: ClassVar = ("run_id", "number")
