"""Whether a successful run's outputs are taken: a pure function over finished facts."""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.evidence import Approved, Held, Judgement, Undecided
from lockgate.formats import Kind


@dataclass(frozen=True)
class Facts:
    """What is known of a successful run and its request.

    `blob_at_merge` is the request's blob at the merge that the run names, None where it is not there;
    `on_main` says whether that merge is on main's first-parent line since the project began;
    `judgement` is None where nothing was asked of GitHub; `newer` whether a later attempt succeeded too.
    """

    node: str
    request: str
    blob: str
    of_the_sensor: bool
    on_main: bool
    blob_at_merge: str | None
    judgement: Judgement | None
    has_results: bool
    newer: bool
    complete: bool
    given_up: bool


@dataclass(frozen=True)
class Take:
    """Its outputs are taken."""


@dataclass(frozen=True)
class Wait:
    reason: str


@dataclass(frozen=True)
class Refuse:
    """Its outputs are never taken."""

    reason: str


Decision = Take | Wait | Refuse


def decide(facts: Facts) -> Decision:
    """The first rule that speaks against taking, or `Take`."""
    if not facts.of_the_sensor or not facts.on_main or facts.blob_at_merge != facts.blob:
        return Refuse(
            "The run is of no request on main: it does not bear the sensor's key and the merged file."
        )
    if facts.has_results:
        return Refuse("Results of this request are on main already.")
    if facts.newer:
        return Refuse("A newer attempt takes its place.")
    approval = _approval(facts)
    if approval is not None:
        return approval
    if facts.complete:
        return Take()
    if facts.given_up:
        return Refuse("The run ended without marking its outputs complete.")
    return Wait("The run's outputs are not complete yet.")


def _approval(facts: Facts) -> Wait | Refuse | None:
    match facts.judgement:
        case Held(reason):
            return Refuse(reason)
        case Undecided(reason):
            return Wait(reason)
        case Approved(kind=Kind.JOB_REQUEST) as approved if approved.request == facts.request:
            if facts.node in approved.nodes:
                return None
            return Refuse("The request does not name this node.")
        case Approved():
            return Refuse("The merge that the run names approved something else.")
    return Wait("The node has not checked its approval yet.")
