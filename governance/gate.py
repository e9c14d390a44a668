"""The gate, run on the portal's own mirror. Actions' word is shown; this verdict decides."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from governance.github.port import PullRequestReading
from governance.mirrors import Mirror
from governance.models import Node, Project, PullRequest
from lockgate import gate
from lockgate.gate import CannotTell, Subject, Verdict

WORKFLOWS = ".github/workflows"


def base_of(reading: PullRequestReading, here: Mirror) -> str | None:
    """What the change is judged against: the base's tip; where it is over, the base as it was then."""
    if reading.state == "merged":
        return here.parent(reading.merge_sha)
    if reading.state == "closed":
        return reading.base_sha if here.has(reading.base_sha) else None
    return here.tip(reading.base_ref)


def examine(
    place: Project | Node, reading: PullRequestReading, known: PullRequest | None, here: Mirror
) -> dict[str, Any] | None:
    """The gate's verdict on the reading's head against its base; the known one where it is of this very pair.

    Shape: {"head", "base", "base_ref", "merge_base", "clean": bool | None, "kind", "problems": [{"path",
    "line", "reason"}], "request", "nodes", "workflows": [path, ...]}; `clean` None where the gate could
    not tell, `workflows` the workflow files that it changes.
    """
    base = base_of(reading, here)
    if base is None or not here.has(reading.head_sha):
        return None
    pair = {
        "head": reading.head_sha,
        "base": base,
        "base_ref": reading.base_ref,
        "merge_base": here.merge_base(base, reading.head_sha) or "",
    }
    held = known.verdict if known is not None else None
    same = bool(held) and {key: held.get(key) for key in pair} == pair
    if held and same and held["clean"] is not None and "workflows" in held:
        return dict(held)
    workflows = here.changed(pair["merge_base"] or base, reading.head_sha, WORKFLOWS)
    return {**pair, **_run(place, reading, base, here), "workflows": list(workflows)}


def recognise(place: Project | Node, head: str, merge_base: str, here: Mirror) -> Subject | None:
    """What a change that is over was about; None where the mirror does not hold it."""
    if not merge_base:
        return None
    try:
        return gate.recognise(
            here.path, merge_base=merge_base, head=head, in_code_repo=isinstance(place, Project)
        )
    except CannotTell:
        return None


def _run(place: Project | Node, reading: PullRequestReading, base: str, here: Mirror) -> dict[str, Any]:
    nodes = place.nodes.all() if isinstance(place, Project) else [place]
    try:
        verdict = gate.check(
            here.path,
            base=base,
            head=reading.head_sha,
            base_ref=reading.base_ref,
            default_branch=place.default_branch,
            author=reading.author.id,
            node_accounts={node.name: node.app_account for node in nodes},
        )
    except CannotTell as error:
        problem = {"path": "", "line": None, "reason": error.what}
        return {"clean": None, "kind": None, "problems": [problem], "request": None, "nodes": []}
    return _plain(verdict)


def _plain(verdict: Verdict) -> dict[str, Any]:
    return {
        "clean": verdict.clean,
        "kind": str(verdict.kind) if verdict.kind else None,
        "problems": [asdict(problem) for problem in verdict.problems],
        "request": verdict.request,
        "nodes": list(verdict.nodes),
    }
