"""A decision with its facts, as it is recorded, and how a record is held against its facts again. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lockgate import __version__, canonical_json
from lockgate.errors import Invalid, Unavailable
from lockgate.formats import UNKNOWN, DecisionRecord, RecordedMerge, Versions, Vote
from lockgate.policy.decision import Decision, from_json, to_json
from lockgate.policy.facts import Facts
from lockgate.policy.plain_facts import facts_from_plain, facts_to_plain
from lockgate.policy.quorum import current_reviews
from lockgate.policy.rules import RULES_VERSION, decide


class OtherRules(Unavailable):
    """The record was made by rules of a version that this Lockgate does not have."""

    def __init__(self, version: int) -> None:
        super().__init__(
            f"version {version} of the rules decided it, and this Lockgate has version {RULES_VERSION}",
            next_step="Use a Lockgate of that time.",
            retryable=False,
        )


@dataclass(frozen=True)
class Decided:
    """What was decided, on which facts, when, and under which governance.yaml (its blob)."""

    decision: Decision
    facts: Facts
    at: datetime
    policy_blob: str | None


@dataclass(frozen=True)
class Merged:
    """The pull request as it merged."""

    repository: str
    pull_request: int
    base_ref: str
    merge_base: str
    head: str
    merge: RecordedMerge


def record_of(merged: Merged, decided: Decided | None) -> DecisionRecord:
    """The record of a merge; `decided` None where nothing was decided at that head."""
    return DecisionRecord(
        version=1,
        **vars(merged),
        kind=decided.facts.kind if decided else None,
        status=str(decided.decision.status) if decided else UNKNOWN,
        decided_at=decided.at if decided else None,
        decision=json.loads(to_json(decided.decision)) if decided else None,
        facts=facts_to_plain(decided.facts) if decided else None,
        policy_blob=decided.policy_blob if decided else None,
        votes=votes_of(decided.facts) if decided else (),
        versions=Versions(__version__, RULES_VERSION),
    )


def votes_of(facts: Facts) -> tuple[Vote, ...]:
    """The last word of each account, by account id; none where the reviews were not read."""
    if facts.reviews is None:
        return ()
    return tuple(
        Vote(
            account=review.reviewer,
            state=str(review.state),
            review=review.id,
            head=review.at.head if review.at else None,
            submitted=review.submitted,
        )
        for review in sorted(current_reviews(facts), key=lambda review: review.reviewer)
    )


def recorded_decision(record: DecisionRecord) -> Decision | None:
    """The decision as it was recorded; None where it is unknown."""
    return from_json(canonical_json.dumps(record.decision)) if record.decision is not None else None


def why_it_differs(record: DecisionRecord) -> str | None:
    """What in the record does not follow from its facts, as a clause; None where all of it does.

    Raises OtherRules where this Lockgate cannot tell.
    """
    if record.versions.policy != RULES_VERSION:
        raise OtherRules(record.versions.policy)
    if record.facts is None:
        return _of_nothing(record)
    try:
        facts = facts_from_plain(record.facts)
    except Invalid:
        return "its facts are none that Lockgate wrote"
    if canonical_json.dumps(facts_to_plain(facts)) != canonical_json.dumps(record.facts):
        return "its facts are not written as Lockgate writes them"
    decision = decide(facts)
    if recorded_decision(record) != decision:
        return f"its facts give: {decision.status}. {decision.reason}"
    return _beside(record, facts)


def _beside(record: DecisionRecord, facts: Facts) -> str | None:
    """What the record says beside its facts must be what they say."""
    said: dict[str, tuple[Any, Any]] = {
        "the kind": (record.kind, facts.kind),
        "what it says of votes": (record.votes, votes_of(facts)),
        "the pull request": (record.pull_request, facts.at.pull_request if facts.at else None),
        "the head": (record.head, facts.at.head if facts.at else None),
    }
    return next(
        (f"{what} does not follow from its facts" for what, (here, there) in said.items() if here != there),
        None,
    )


def _of_nothing(record: DecisionRecord) -> str | None:
    empty = (record.kind, record.decided_at, record.policy_blob, record.votes) == (None, None, None, ())
    return None if empty else "it tells of a decision and has none"
