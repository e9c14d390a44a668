"""Whether a merged result may be released: a pure function over finished facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lockgate.evidence import Approved, Held, Judgement, Undecided
from lockgate.formats import Kind


@dataclass(frozen=True)
class Facts:
    """What is known of results merged on main.

    `merged` are all files of the result at the merge, `own` those that this node proposed (None where it has
    proposed none for that run), both by path; `on_main` those that stand on main now.
    """

    request: str
    node: str
    judgement: Judgement
    merged: Mapping[str, bytes]
    own: Mapping[str, bytes] | None
    on_main: Mapping[str, bytes]


@dataclass(frozen=True)
class Release:
    """It may be released; `pull_request` approved it."""

    pull_request: int


@dataclass(frozen=True)
class Wait:
    reason: str


@dataclass(frozen=True)
class Hold:
    """It is never released."""

    reason: str


Decision = Release | Wait | Hold


def decide(facts: Facts) -> Decision:
    """The first rule that speaks against the release, or `Release`."""
    match facts.judgement:
        case Held(reason):
            return Hold(reason)
        case Undecided(reason):
            return Wait(reason)
        case Approved(kind=Kind.RESULT_PUBLICATION) as approved if _is_of_this(approved, facts):
            return _compare(facts, approved)
    return Hold("The merge approved something else than these results.")


def _is_of_this(approved: Approved, facts: Facts) -> bool:
    return approved.request == facts.request and approved.nodes == (facts.node,)


def _compare(facts: Facts, approved: Approved) -> Decision:
    if facts.own is None:
        return Hold("This node never proposed these results.")
    if facts.merged != facts.own:
        return Hold("What was merged is not what this node proposed, byte for byte.")
    if facts.on_main != facts.own:
        return Hold("The results no longer stand on main.")
    return Release(approved.pull_request)
