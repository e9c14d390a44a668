"""The rule that every commit of the range touches only what its kind may, so that none hides a thing."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.formats import Kind, Problem
from lockgate.formats.loader import MAX_BYTES
from lockgate.gate.changes import Change, Commit
from lockgate.gate.kind import WORDS, kind_in_code_repo
from lockgate.gate.proposal import Proposal

_CLOSED = (Kind.JOB_REQUEST, Kind.RESULT_PUBLICATION, Kind.WITHDRAWAL)


def commit_problems(proposal: Proposal, kind: Kind) -> Iterator[Problem]:
    """Yield what single commits do that the kind may not, even where a later commit undoes it."""
    own = {commit.sha for commit in proposal.commits}
    final = {change.path: change for change in proposal.changes}
    for commit in proposal.commits:
        reason = _parents_problem(commit, own)
        if reason:
            yield Problem("", None, f"commit {commit.sha[:10]} {reason}")
        for change in commit.changes:
            reason = _change_problem(proposal, kind, change, final.get(change.path))
            if reason:
                yield Problem(change.path, None, f"commit {commit.sha[:10]} {reason}")
    if kind in _CLOSED:
        yield from _size_problems(proposal)


def _parents_problem(commit: Commit, own: set[str]) -> str | None:
    if not commit.parents:
        return "has no parent: it brings in a history of its own"
    if len(commit.parents) > 1 and sum(parent in own for parent in commit.parents) > 1:
        return "merges a branch that is not on the base"
    return None


def _change_problem(proposal: Proposal, kind: Kind, change: Change, final: Change | None) -> str | None:
    if kind not in _CLOSED:
        if final is None or kind is Kind.CODE_CHANGE:
            own_kind = kind_in_code_repo(proposal.objects, change)
            return None if own_kind is kind else f"changes this, which is no part of {WORDS[kind]}"
        return None
    if final is None:
        return f"changes this, which is no part of {WORDS[kind]}"
    if kind is Kind.WITHDRAWAL:
        return None if change.removed else "does not only remove this"
    if change.mode_problem:
        return f"breaks the shape: {change.mode_problem}"
    if kind is Kind.RESULT_PUBLICATION and change.new_blob != final.new_blob:
        return "holds another version of this, which would stay in the history"
    return None


def _size_problems(proposal: Proposal) -> Iterator[Problem]:
    blobs = {
        change.new_blob: change.path
        for commit in proposal.commits
        for change in commit.changes
        if not change.removed and change.new_mode.startswith("1") and change.new_mode != "160000"
    }
    for sha, (_, size) in proposal.objects.sizes(blobs).items():
        if size > MAX_BYTES:
            yield Problem(blobs[sha], None, f"the file is larger than {MAX_BYTES // 1024} KiB")
