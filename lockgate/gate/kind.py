"""Which kind of pull request a set of changes makes, and what stands in the way of its being one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lockgate.formats import Kind, Problem
from lockgate.gate.changes import Change
from lockgate.gate.objects import Objects
from lockgate.gate.paths import area
from lockgate.gate.policy_paths import is_policy

WORDS = {
    Kind.JOB_REQUEST: "a job request",
    Kind.RESULT_PUBLICATION: "a result publication",
    Kind.WITHDRAWAL: "a withdrawal",
    Kind.POLICY_CHANGE: "a policy change",
    Kind.CODE_CHANGE: "a code change",
    Kind.PROJECT_REGISTRATION: "a project registration",
    Kind.NODE_CHANGE: "a node change",
}


def kind_in_code_repo(objects: Objects, change: Change) -> Kind:
    """Return the kind to which one change of a Code Repo belongs."""
    match area(change.path):
        case "jobs":
            return Kind.JOB_REQUEST
        case "results":
            return Kind.WITHDRAWAL if change.removed else Kind.RESULT_PUBLICATION
        case _:
            return Kind.POLICY_CHANGE if is_policy(objects, change) else Kind.CODE_CHANGE


def kind_in_node_repo(change: Change) -> Kind:
    """Return the kind to which one change of a Node Repo belongs."""
    return Kind.PROJECT_REGISTRATION if area(change.path) == "projects" else Kind.NODE_CHANGE


def one_kind(kinds: Iterable[Kind]) -> Kind | None:
    """Return the only kind, or None; to remove some files of a result and add others is a bad publication."""
    found = set(kinds)
    if found == {Kind.RESULT_PUBLICATION, Kind.WITHDRAWAL}:
        return Kind.RESULT_PUBLICATION
    return found.pop() if len(found) == 1 else None


def mixture_problems(kinds: dict[str, Kind]) -> Iterator[Problem]:
    """Yield a problem for each path that does not belong to the narrowest kind among them."""
    main = next(kind for kind in WORDS if kind in kinds.values())
    for path, kind in kinds.items():
        if kind is not main:
            reason = f"this belongs to {WORDS[kind]} and may not change together with {WORDS[main]}"
            yield Problem(path, None, reason)
