"""What a node does with its own App: it commits results, proposes them, and reads what was merged."""

from __future__ import annotations

import base64
from functools import partial
from typing import Any

from governance.github.connection import Connection
from governance.github.installation import Installations
from governance.trial.calls import Calls
from governance.trial.record import Trial
from governance.trial.scratch import Scratch
from lockgate.evidence.reader import GitHubReader
from lockgate.policy import POLICY_CHECK

READ_ONLY = {"contents": "read", "pull_requests": "read", "checks": "read"}
WRITES, OPENS = "contents: write for the node's App", "pull_requests: write for the node's App"
REPO = "/repos/{owner}/{repo}"


def act(trial: Trial, connection: Connection, installations: Installations, scratch: Scratch) -> None:
    """As the collector, then as the sensor, with tokens for this repository alone."""
    found = trial.need(
        f"GET {REPO}/installation",
        "where the node's App is installed",
        partial(installations.ask, f"/repos/{scratch.repo}/installation"),
        needs="the node's App installed on this repository",
    )
    mint = partial(_token, trial, installations, int(found["id"]), scratch)
    collector = Calls(trial, connection, scratch, mint("a token for the node worker"))
    _collect(collector)
    narrow = mint("a read-only token for the sensor", permissions=READ_ONLY)
    with GitHubReader(connection.github_url, lambda: narrow, scratch.repo) as reader:
        _read_merge(trial, reader, scratch)


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
    query = {"head": f"{calls.scratch.owner}:{branch}", "state": "all"}
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


def _read_merge(trial: Trial, reader: GitHubReader, scratch: Scratch) -> None:
    trial.try_(
        f"GET {REPO}/commits/{{sha}}/pulls",
        "which pull request a commit came by",
        partial(reader.pull_requests_of, scratch.head),
        needs="pull_requests: read for the node's App",
    )
    trial.try_(
        f"GET {REPO}/commits/{{sha}}/check-runs",
        "what lockgate/policy said of it",
        partial(reader.policy_runs, scratch.head, POLICY_CHECK),
        needs="checks: read for the node's App",
    )
