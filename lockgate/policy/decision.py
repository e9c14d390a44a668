"""The decision: a tree that carries its own reasons.

The page, the check run, the decision record and the audit row render this same object.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lockgate import canonical_json
from lockgate.errors import Invalid


class Status(StrEnum):
    """What a rule says. Only `approved` opens the gate."""

    APPROVED = "approved"
    WAITING = "waiting"
    REFUSED = "refused"
    UNREADABLE = "unreadable"


_SEVERITY = {Status.APPROVED: 0, Status.WAITING: 1, Status.REFUSED: 2, Status.UNREADABLE: 3}
LOCKGATE, MAINTAINERS = "Lockgate", "maintainers"
_CONCLUSION = {Status.APPROVED: "success", Status.WAITING: "in_progress"}


@dataclass(frozen=True)
class Decision:
    """What one rule, or all of them, says and why, in plain words.

    `acts` names who must act next for this leaf to change ("controllers of north"), or is None.
    """

    status: Status
    rule: str
    reason: str
    children: tuple[Decision, ...] = ()
    acts: str | None = None

    @property
    def approved(self) -> bool:
        return self.status is Status.APPROVED


def worst(decisions: Iterable[Decision]) -> Decision:
    """The most restrictive of several decisions, the first where they are equal; of none: unreadable."""
    nothing = Decision(Status.UNREADABLE, "policy", "There is no decision to show.")
    return max(decisions, key=lambda decision: _SEVERITY[decision.status], default=nothing)


def all_of(rule: str, children: Iterable[Decision]) -> Decision:
    """Approved only if every child is, and there is one; else the worst child speaks for all."""
    children = tuple(children)
    speaker = worst(children)
    if not children:
        return Decision(Status.UNREADABLE, rule, "No rule applied, and that is never an approval.")
    reason = "Every rule is met." if speaker.approved else speaker.reason
    return Decision(speaker.status, rule, reason, children)


def worst_to_post(decisions: Iterable[Decision]) -> Decision:
    """Of several decisions on one head the one whose word a check run must show: a failure before all."""
    decisions = tuple(decisions)
    return worst([each for each in decisions if conclusion(each) == "failure"] or decisions)


def conclusion(decision: Decision) -> str:
    """The check run's word: `success`, `in_progress` or `failure`; never neutral or skipped.

    What only Lockgate has to read again is not decided yet: a trouble that passes refuses nothing. What
    is refused already stays so.
    """
    if decision.status is Status.UNREADABLE and who_must_act(decision) == (LOCKGATE,):
        return "failure" if _holds(decision, Status.REFUSED) else "in_progress"
    return _CONCLUSION.get(decision.status, "failure")


def _holds(decision: Decision, status: Status) -> bool:
    return decision.status is status or any(_holds(child, status) for child in decision.children)


def who_must_act(decision: Decision) -> tuple[str, ...]:
    """Who can move the decision on, from the leaves that hold it where it is, each named once."""
    if decision.approved:
        return ()
    named = (leaf.acts for leaf in _leaves(decision) if leaf.status is decision.status and leaf.acts)
    return tuple(dict.fromkeys(named))


def _leaves(decision: Decision) -> Iterator[Decision]:
    if decision.acts:
        yield decision
    for child in decision.children:
        yield from _leaves(child)


def to_json(decision: Decision) -> str:
    """The decision as canonical JSON: the same decision always gives the same text."""
    return canonical_json.dumps(_plain(decision))


def from_json(text: str | bytes) -> Decision:
    """The decision of `to_json`'s text. Raises `Invalid` for anything else."""
    return _decision(canonical_json.loads(text))


def _plain(decision: Decision) -> dict[str, Any]:
    return {
        "status": decision.status.value,
        "rule": decision.rule,
        "reason": decision.reason,
        "acts": decision.acts,
        "children": [_plain(child) for child in decision.children],
    }


def _decision(value: Any) -> Decision:
    match value:
        case {
            "status": str(status),
            "rule": str(rule),
            "reason": str(reason),
            "children": list(children),
        } if status in set(Status) and set(value) == {"status", "rule", "reason", "children", "acts"}:
            acts = value["acts"]
            if acts is None or isinstance(acts, str):
                return Decision(Status(status), rule, reason, tuple(map(_decision, children)), acts)
    raise Invalid("This is not a decision that Lockgate wrote.")
