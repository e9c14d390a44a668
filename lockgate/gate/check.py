"""The gate itself: from a repository and two revisions to a verdict, in the order in which rules depend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from lockgate.formats import Kind, Problem
from lockgate.gate import job_request, result_place
from lockgate.gate.changes import changes_between, commits_between
from lockgate.gate.code_repo_files import code_problems, policy_problems
from lockgate.gate.commits import commit_problems
from lockgate.gate.history import collision_problems
from lockgate.gate.kind import kind_in_code_repo, kind_in_node_repo, mixture_problems, one_kind
from lockgate.gate.objects import Objects, open_objects
from lockgate.gate.proposal import Proposal
from lockgate.gate.result_publication import publication_problems
from lockgate.gate.trees import tree_problems
from lockgate.gate.verdict import CannotTell, Verdict
from lockgate.gate.withdrawal import withdrawal_problems

MAX_PROBLEMS = 100


def check(
    repo: Path,
    *,
    base: str,
    head: str,
    base_ref: str | None,
    default_branch: str | None,
    author: int | None,
    node_accounts: Mapping[str, int],
) -> Verdict:
    """Return the verdict on merging `head` into `base`; raises CannotTell where a fact is missing.

    `author` is the account that opened the pull request, `node_accounts` the account of each node's App.
    Nothing of the head is run; policy and job types are those of `base`.
    """
    if base_ref is None or default_branch is None:
        raise CannotTell(
            "The gate was not told which branch is the base and which is the default branch.",
            next_step="Give --base-ref and --default-branch.",
        )
    with open_objects(repo) as objects:
        verdict = _check(objects, objects.commit(base), objects.commit(head), author, node_accounts)
    problems = list(verdict.problems)
    if _branch(base_ref) != _branch(default_branch):
        problems.insert(0, Problem("", None, "the base is not the default branch"))
    return replace(verdict, problems=tuple(_printable(problem) for problem in problems[:MAX_PROBLEMS]))


def _check(
    objects: Objects, base: str, head: str, author: int | None, node_accounts: Mapping[str, int]
) -> Verdict:
    merge_bases = objects.merge_bases(base, head)
    if len(merge_bases) != 1:
        words = "no common history" if not merge_bases else "more than one common ancestor"
        return Verdict(None, (Problem("", None, f"base and head have {words}: begin a new branch"),))
    hidden = tuple(dict.fromkeys(tree_problems(objects, merge_bases[0], head)))
    if hidden:
        return Verdict(None, hidden)
    proposal = Proposal(
        objects=objects,
        base=base,
        head=head,
        merge_base=merge_bases[0],
        changes=changes_between(objects, merge_bases[0], head),
        commits=commits_between(objects, base, head),
        author=author,
        node_accounts=node_accounts,
    )
    if not proposal.changes:
        return Verdict(None, (Problem("", None, "the head changes nothing"),))
    return _judge(proposal)


def _judge(proposal: Proposal) -> Verdict:
    """Find the kind, then apply its rules."""
    if proposal.objects.entry(proposal.base, "governance.yaml") is None:
        return _judge_node_repo(proposal)
    kinds = {change.path: kind_in_code_repo(proposal.objects, change) for change in proposal.changes}
    kind = one_kind(kinds.values())
    if kind is None:
        return Verdict(None, tuple(mixture_problems(kinds)))
    return _with_general_rules(proposal, _apply(proposal, kind))


def _judge_node_repo(proposal: Proposal) -> Verdict:
    if proposal.objects.entry(proposal.base, "node.yaml") is None:
        raise CannotTell(
            "The base has neither governance.yaml nor node.yaml, so it is no repository of Lockgate.",
            next_step="Begin with a repository made by lockgate new.",
        )
    kinds = {change.path: kind_in_node_repo(change) for change in proposal.changes}
    reason = "a Node Repo is changed by its maintainers before it is protected; by pull request it is refused"
    problems = tuple(Problem(path, None, f"{reason} until a later version") for path in kinds)
    return Verdict(one_kind(kinds.values()), problems)


def _apply(proposal: Proposal, kind: Kind) -> Verdict:
    match kind:
        case Kind.JOB_REQUEST:
            return _judge_job_request(proposal)
        case Kind.RESULT_PUBLICATION:
            return _judge_publication(proposal)
        case Kind.WITHDRAWAL:
            place = result_place.place_of(proposal.changes)
            problems = _listed(withdrawal_problems(proposal))
            return Verdict(kind, problems, place.request if place else None, (place.node,) if place else ())
        case Kind.POLICY_CHANGE:
            return Verdict(kind, _listed(policy_problems(proposal)))
        case _:
            return Verdict(kind, _listed(code_problems(proposal)))


def _judge_job_request(proposal: Proposal) -> Verdict:
    misplaced = _listed(job_request.place_problems(proposal.changes))
    if misplaced:
        return Verdict(Kind.JOB_REQUEST, misplaced)
    request, document, unreadable = job_request.read_request(proposal)
    if request is None or document is None:
        return Verdict(Kind.JOB_REQUEST, unreadable)
    problems = _listed(job_request.request_problems(proposal, request, document))
    return Verdict(Kind.JOB_REQUEST, problems, request.id, request.nodes)


def _judge_publication(proposal: Proposal) -> Verdict:
    place = result_place.place_of(proposal.changes)
    problems = _listed(result_place.place_problems(proposal.changes))
    if place is None or problems:
        return Verdict(Kind.RESULT_PUBLICATION, problems)
    problems = _listed(publication_problems(proposal, place))
    return Verdict(Kind.RESULT_PUBLICATION, problems, place.request, (place.node,))


def _with_general_rules(proposal: Proposal, verdict: Verdict) -> Verdict:
    assert verdict.kind is not None
    general = [*collision_problems(proposal), *commit_problems(proposal, verdict.kind)]
    return replace(verdict, problems=_listed([*verdict.problems, *general]))


def _listed(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(dict.fromkeys(problems))


def _branch(ref: str) -> str:
    return ref.removeprefix("refs/heads/")


def _printable(problem: Problem) -> Problem:
    """Paths are the author's: what could steer a terminal or break a line is shown as an escape."""
    path = "".join(_letters(problem.path))
    return replace(problem, path=path)


def _letters(path: str) -> Iterator[str]:
    for letter in path:
        plain = letter.isprintable() and not "\ud800" <= letter <= "\udfff"
        yield letter if plain else letter.encode("unicode_escape").decode("ascii")
