"""Gathers the facts of one merge, cheapest first, and has them judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from lockgate import gate
from lockgate.errors import LockgateError, Unavailable
from lockgate.evidence.merge import (
    Expected,
    GateResult,
    Judgement,
    MergeFacts,
    PullRequest,
    Undecided,
    judge_merge,
    judge_policy,
    merged_by,
)
from lockgate.evidence.mirror import Commit, Mirror
from lockgate.evidence.reader import GitHubReader
from lockgate.formats import Kind
from lockgate.policy import POLICY_CHECK

_BROUGHT_WHOLE = frozenset({Kind.JOB_REQUEST, Kind.RESULT_PUBLICATION, Kind.WITHDRAWAL})
"""Kinds that only add or remove files of their own: main cannot have changed them meanwhile."""


def examine_merge(
    commit: Commit,
    *,
    mirror: Mirror,
    reader: GitHubReader,
    expected: Expected,
    node_accounts: Mapping[str, int],
    now: datetime,
) -> Judgement:
    """Whether this commit of the (fetched) mirror was approved. What could not be read is `Undecided`.

    `node_accounts` are the bots' account ids by node, `now` is aware.
    """
    facts = MergeFacts(merge=commit.sha, parents=commit.parents, age=now - commit.committed)
    if len(commit.parents) != 2:
        return judge_merge(facts, expected)
    try:
        facts = replace(facts, pull_requests=reader.pull_requests_of(commit.sha))
        candidates = merged_by(facts, expected)
        if not isinstance(candidates, tuple):
            return candidates
        facts = replace(facts, policy_runs=reader.policy_runs(commit.parents[1], POLICY_CHECK))
    except LockgateError as error:
        return Undecided(error.what)
    refused = judge_policy(facts, expected)
    if refused is not None:
        return refused
    gates = {each.number: run_gate(commit, each, mirror, expected, node_accounts) for each in candidates}
    return judge_merge(replace(facts, gates=gates), expected)


def run_gate(
    commit: Commit,
    pull_request: PullRequest,
    mirror: Mirror,
    expected: Expected,
    node_accounts: Mapping[str, int],
) -> GateResult:
    """The gate on the merged range, with the policy of the first parent."""
    try:
        verdict = gate.check(
            mirror.path,
            base=commit.parents[0],
            head=commit.parents[1],
            base_ref=pull_request.base_ref,
            default_branch=expected.default_branch,
            author=pull_request.author,
            node_accounts=node_accounts,
        )
        faithful = verdict.kind not in _BROUGHT_WHOLE or _brings_its_head(commit, mirror)
    except Unavailable as error:
        return GateResult(clean=None, problems=(error.what,))
    problems = [f"{each.path}: {each.reason}" if each.path else each.reason for each in verdict.problems]
    if not faithful:
        problems.append("The merge commit changes something else than the head that was approved.")
    clean = verdict.clean and faithful
    return GateResult(clean, tuple(problems), verdict.kind, verdict.request, verdict.nodes)


def _brings_its_head(commit: Commit, mirror: Mirror) -> bool:
    """Whether the merge does to main what the head does to their common ancestor: a merge has a tree of its
    own, and whoever makes one by hand can put into it what nobody saw.
    """
    main, head = commit.parents
    return mirror.changes(main, commit.sha) == mirror.changes(mirror.merge_base(main, head), head)
