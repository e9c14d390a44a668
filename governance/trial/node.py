"""What a node does with its own App: it commits results, proposes them, and reads what was merged."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from governance.github.connection import Connection
from governance.github.installation import Installations
from governance.trial.app import CHECK
from governance.trial.calls import Calls
from governance.trial.record import Trial
from governance.trial.scratch import Scratch
from lockgate.evidence import (
    HEADS_AND_PULLS,
    SETTLES_WITHIN,
    GitHubReader,
    GitHubUnreadable,
    Mirror,
    PullRequest,
)

READ_ONLY = {"contents": "read", "pull_requests": "read", "checks": "read"}
WRITES, OPENS = "contents: write for the node's App", "pull_requests: write for the node's App"
REPO = "/repos/{owner}/{repo}"
MERGED = f"GET {REPO}/commits/{{sha}}/pulls, GraphQL repository.pullRequest.mergeCommit"
NO_MERGE = (
    "No request was merged in this trial. Give --person-env NAME, and mend what is refused to the person."
)
PAUSE = 2.0  # seconds


def act(
    trial: Trial, connection: Connection, installations: Installations, scratch: Scratch, *, merge: str
) -> None:
    """As the collector, then as the sensor and the release, with tokens for this repository alone.

    `merge` is a merge commit of this trial, or "". Raises Stopped.
    """
    found = trial.need(
        f"GET {REPO}/installation",
        "where the node's App is installed",
        partial(installations.ask, f"/repos/{scratch.repo}/installation"),
        needs="the node's App installed on this repository",
    )
    mint = partial(_token, trial, installations, int(found["id"]), scratch)
    with trial.group("node"):
        _collect(Calls(trial, connection, scratch, mint("a token for the node worker")))
    narrow = mint("a read-only token, for evidence and the sensor", permissions=READ_ONLY)
    _fetch(trial, connection.github_url, scratch.repo, lambda: narrow)
    with GitHubReader(connection.github_url, lambda: narrow, scratch.repo) as evidence:
        _read_evidence(trial, evidence, scratch.head, merge)


def _token(
    trial: Trial, installations: Installations, number: int, scratch: Scratch, why: str, **more: Any
) -> str:
    wanted = {"repositories": [scratch.repo.partition("/")[2]], **more}
    said = trial.need(
        "POST /app/installations/{id}/access_tokens",
        why,
        partial(installations.ask, f"/app/installations/{number}/access_tokens", body=wanted),
        needs="the permissions that are listed for the node's App",
    )
    return str(said["token"])


def _collect(calls: Calls) -> None:
    branch = calls.scratch.name("node")
    calls.try_(f"GET {REPO}", "the default branch")
    ref = {"ref": f"refs/heads/{branch}", "sha": _commit(calls)}
    calls.need(f"POST {REPO}/git/refs", "a branch of results", body=ref, needs=WRITES)
    calls.undo_later(f"DELETE {REPO}/git/refs/{{ref}}", ref=f"heads/{branch}")
    calls.try_(f"GET {REPO}/git/ref/{{ref}}", "whether it is there", ref=f"heads/{branch}")
    _propose(calls, branch)


def _commit(calls: Calls) -> str:
    """A commit of one file upon the default branch, which nothing refers to yet."""
    scratch, content = calls.scratch, base64.b64encode(calls.scratch.mark.encode()).decode()
    base = calls.need(f"GET {REPO}/git/commits/{{sha}}", "the tree to build on", sha=scratch.head)
    wanted: dict[str, Any] = {"content": content, "encoding": "base64"}
    blob = calls.need(f"POST {REPO}/git/blobs", "metadata of results", body=wanted, needs=WRITES)
    entry = {"path": scratch.file, "mode": "100644", "type": "blob", "sha": blob["sha"]}
    wanted = {"base_tree": base["tree"]["sha"], "tree": [entry]}
    tree = calls.need(f"POST {REPO}/git/trees", "their folder", body=wanted, needs=WRITES)
    wanted = {"message": "Try a commit", "tree": tree["sha"], "parents": [scratch.head]}
    commit = calls.need(f"POST {REPO}/git/commits", "their commit", body=wanted, needs=WRITES)
    return str(commit["sha"])


def _propose(calls: Calls, branch: str) -> None:
    query = {
        "head": f"{calls.scratch.owner}:{branch}",
        "state": "all",
        "sort": "created",
        "direction": "desc",
    }
    calls.try_(f"GET {REPO}/pulls", "whether it was opened", params=query)
    wanted = {"head": branch, "base": calls.scratch.branch, "title": "Try Lockgate's calls", "body": ""}
    opened = calls.need(f"POST {REPO}/pulls", "a result publication", body=wanted, needs=OPENS)
    calls.try_(
        f"PATCH {REPO}/pulls/{{number}}",
        "a newer attempt closes the older",
        number=opened["number"],
        body={"state": "closed"},
        needs=OPENS,
    )


def _fetch(trial: Trial, github_url: str, repo: str, token: Callable[[], str]) -> None:
    with TemporaryDirectory() as folder:
        here = Mirror(Path(folder) / "mirror.git", github_url, repo, token)
        trial.try_(
            "git fetch",
            "what was merged is judged in a mirror of the node's own",
            lambda: here.fetch(HEADS_AND_PULLS),
            needs="contents: read for the node's App",
        )


def _read_evidence(trial: Trial, evidence: GitHubReader, head: str, merge: str) -> None:
    trial.try_(f"GET {REPO}", "the default branch, with that token", evidence.default_branch)
    trial.try_(
        f"GET {REPO}/commits/{{sha}}/check-runs",
        "what lockgate/policy said of a head",
        partial(evidence.policy_runs, head, CHECK),
        needs="checks: read for the node's App",
    )
    why = "which request a commit merged: without it nothing runs or leaves"
    if not merge:
        trial.skip(MERGED, why, NO_MERGE)
        return
    trial.try_(
        MERGED, why, partial(_merged_by, evidence, merge), needs="pull_requests: read for the node's App"
    )


def _merged_by(evidence: GitHubReader, merge: str) -> PullRequest:
    """GitHub has the time that a node gives it. Raises GitHubUnreadable where it does not tell by then."""
    ends = time.monotonic() + SETTLES_WITHIN.total_seconds()
    while True:
        for each in evidence.pull_requests_of(merge):
            if each.merge == merge:
                return each
        if time.monotonic() > ends:
            raise GitHubUnreadable("GitHub does not tell which pull request was merged by this commit.")
        time.sleep(PAUSE)
