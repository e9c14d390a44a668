"""Whether a merge on the default branch was approved: a pure judgement over what Git and GitHub say.

The sensor asks this before a launch and the node worker before a release, each for itself. Held is final;
what cannot be told is undecided, and is asked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from lockgate.formats import Kind
from lockgate.policy import POLICY_CHECK

SETTLES_WITHIN = timedelta(seconds=30)
"""So long after a merge GitHub may not yet say which pull request it belongs to."""


@dataclass(frozen=True)
class PullRequest:
    """A pull request as GitHub tells it: `author` is an account id, `merge` the commit that merged it."""

    number: int
    author: int
    base_repository: str
    base_ref: str
    head: str
    merged: bool
    merge: str | None


@dataclass(frozen=True)
class PolicyRun:
    """A check run; of two, the one with the higher id is the newer."""

    id: int
    name: str
    app_id: int | None
    head: str
    conclusion: str | None


@dataclass(frozen=True)
class GateResult:
    """What our gate says of merge^1..merge^2, opened by this author. `clean` None: it can't tell."""

    clean: bool | None
    problems: tuple[str, ...] = ()
    kind: Kind | None = None
    request: str | None = None
    nodes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Expected:
    """What the node demands, from its own settings and never from the repository."""

    repository: str
    default_branch: str
    portal_app_id: int
    approved_before: frozenset[str] = frozenset()


@dataclass(frozen=True)
class MergeFacts:
    """All that is known of one commit on the default branch's first-parent line.

    `age` is the time since it was committed; `pull_requests` and `policy_runs` (those of the second parent)
    are None while GitHub has not told; `gates` by pull request number.
    """

    merge: str
    parents: tuple[str, ...]
    age: timedelta
    pull_requests: tuple[PullRequest, ...] | None = None
    policy_runs: tuple[PolicyRun, ...] | None = None
    gates: Mapping[int, GateResult] = field(default_factory=dict)


@dataclass(frozen=True)
class Approved:
    """This merge may run or be released. `head` is its second parent, `author` the opener's account id."""

    pull_request: int
    author: int
    head: str
    merge: str
    kind: Kind
    request: str | None
    nodes: tuple[str, ...]


@dataclass(frozen=True)
class Held:
    """This merge was not approved, finally. `reason` is for the thread."""

    reason: str


@dataclass(frozen=True)
class Undecided:
    """It cannot be told yet: the work waits. `reason` is for the thread."""

    reason: str


Judgement = Approved | Held | Undecided


def judge_merge(facts: MergeFacts, expected: Expected) -> Judgement:
    """Whether this commit is the merge of an approved pull request, on the node's own evidence."""
    if len(facts.parents) != 2:
        return _held("no pull request was merged by this commit")
    candidates = merged_by(facts, expected)
    if isinstance(candidates, Held | Undecided):
        return candidates
    return judge_policy(facts, expected) or _judge_gates(facts, candidates)


def merged_by(facts: MergeFacts, expected: Expected) -> tuple[PullRequest, ...] | Held | Undecided:
    """The pull requests to the default branch that this very commit merged, at its second parent."""
    if facts.pull_requests is None:
        return Undecided("GitHub has not told which pull request was merged here.")
    found = tuple(each for each in facts.pull_requests if _is_merged_here(each, facts, expected))
    if found:
        return found
    if facts.age < SETTLES_WITHIN:
        return Undecided("GitHub may not yet tell which pull request was merged here.")
    return _held(f"no pull request to {expected.default_branch} was merged by this commit")


def judge_policy(facts: MergeFacts, expected: Expected) -> Held | Undecided | None:
    """None when the portal's newest word on this head is success, or maintainers vouch for the merge."""
    if facts.merge in expected.approved_before:
        return None
    if facts.policy_runs is None:
        return Undecided("GitHub has not told what the policy says of this head.")
    pinned = (POLICY_CHECK, expected.portal_app_id, facts.parents[1])
    runs = [run for run in facts.policy_runs if (run.name, run.app_id, run.head) == pinned]
    newest = max(runs, key=lambda run: run.id, default=None)
    if newest is None:
        return _held(f"the portal never posted {POLICY_CHECK} on this head")
    if newest.conclusion != "success":
        return _held(f"{POLICY_CHECK} was not success on this head")
    return None


def _is_merged_here(pull_request: PullRequest, facts: MergeFacts, expected: Expected) -> bool:
    return (
        pull_request.merged
        and pull_request.merge == facts.merge
        and pull_request.head == facts.parents[1]
        and pull_request.base_ref == expected.default_branch
        and pull_request.base_repository.lower() == expected.repository.lower()
    )


def _judge_gates(facts: MergeFacts, candidates: tuple[PullRequest, ...]) -> Judgement:
    """Approved by the first clean gate; two pull requests may share one head and one merge."""
    results = [(each, facts.gates.get(each.number, GateResult(clean=None))) for each in candidates]
    for pull_request, result in results:
        if result.clean and not result.problems and result.kind is not None:
            return _approved(facts, pull_request, result.kind, result)
    unsure = [result for _, result in results if result.clean is None]
    if unsure:
        return Undecided(f"The gate could not tell. {' '.join(unsure[0].problems)}".strip())
    said = " ".join(problem for _, result in results for problem in result.problems)
    return Held(f"Merged although the gate refuses it. {said}".strip())


def _approved(facts: MergeFacts, pull_request: PullRequest, kind: Kind, result: GateResult) -> Approved:
    return Approved(
        pull_request=pull_request.number,
        author=pull_request.author,
        head=facts.parents[1],
        merge=facts.merge,
        kind=kind,
        request=result.request,
        nodes=result.nodes,
    )


def _held(why: str) -> Held:
    return Held(f"Merged without approval: {why}.")
