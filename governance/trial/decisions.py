"""What the App writes to the branch of decisions; here on a branch of the trial."""

from __future__ import annotations

from governance.github.port import Writer
from governance.trial.calls import Calls

READS, WRITES = "contents: read", "contents: write"
REPO = "/repos/{owner}/{repo}"
GIT = f"{REPO}/git"


def record(calls: Calls, writer: Writer) -> None:
    """Begin a branch with a history of its own, look what is there, and add a commit. Raises Stopped."""
    trial, scratch, repo = calls.trial, calls.scratch, calls.scratch.repo
    branch, content = scratch.name("decisions"), scratch.mark.encode()
    head = trial.need(
        f"POST {GIT}/trees, POST {GIT}/commits, POST {GIT}/refs",
        "a project's branch of decisions is begun",
        lambda: writer.begin_branch(repo, branch, {scratch.file: content}, "Try a branch"),
        needs=WRITES,
    )
    calls.undo_later(f"DELETE {GIT}/refs/{{ref}}", ref=f"heads/{branch}")
    trial.try_(
        f"GET {GIT}/ref/{{ref}}",
        "where the branch of decisions stands",
        lambda: writer.branch_head(repo, branch),
        needs=READS,
    )
    trial.try_(
        f"GET {REPO}/contents/{{path}}",
        "whether a decision is recorded",
        lambda: writer.file_blob(repo, head, scratch.file),
        needs=READS,
    )
    trial.try_(
        "GraphQL createCommitOnBranch",
        "decisions are recorded, if the branch has not moved",
        lambda: writer.commit_files(repo, branch, head, {scratch.name("decision"): content}, "Try a record"),
        needs=WRITES,
    )
