"""Policy: facts in, decision out. Pure: no clock, no network, no database."""

from lockgate.policy.decision import (
    Decision,
    Status,
    all_of,
    conclusion,
    from_json,
    to_json,
    who_must_act,
    worst,
)
from lockgate.policy.facts import (
    CheckRun,
    Facts,
    GateRun,
    NodeFacts,
    Point,
    RequiredCheck,
    Review,
    ReviewState,
    Team,
)
from lockgate.policy.rules import POLICY_CHECK, decide
from lockgate.policy.voters import CONFIRMED_WITHIN

__all__ = [
    "CONFIRMED_WITHIN",
    "POLICY_CHECK",
    "CheckRun",
    "Decision",
    "Facts",
    "GateRun",
    "NodeFacts",
    "Point",
    "RequiredCheck",
    "Review",
    "ReviewState",
    "Status",
    "Team",
    "all_of",
    "conclusion",
    "decide",
    "from_json",
    "to_json",
    "who_must_act",
    "worst",
]
