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
    worst_to_post,
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
from lockgate.policy.plain_facts import facts_from_plain, facts_to_plain
from lockgate.policy.quorum import approvals_needed, current_reviews
from lockgate.policy.records import (
    Decided,
    Merged,
    OtherRules,
    record_of,
    recorded_decision,
    votes_of,
    why_it_differs,
)
from lockgate.policy.rule import Unread
from lockgate.policy.rules import POLICY_CHECK, RULES_VERSION, decide
from lockgate.policy.voters import (
    CONFIRMED_WITHIN,
    makers,
    node_controllers,
    nodes_concerned,
    project_controllers,
)

__all__ = [
    "CONFIRMED_WITHIN",
    "POLICY_CHECK",
    "RULES_VERSION",
    "CheckRun",
    "Decided",
    "Decision",
    "Facts",
    "GateRun",
    "Merged",
    "NodeFacts",
    "OtherRules",
    "Point",
    "RequiredCheck",
    "Review",
    "ReviewState",
    "Status",
    "Team",
    "Unread",
    "all_of",
    "approvals_needed",
    "conclusion",
    "current_reviews",
    "decide",
    "facts_from_plain",
    "facts_to_plain",
    "from_json",
    "makers",
    "node_controllers",
    "nodes_concerned",
    "project_controllers",
    "record_of",
    "recorded_decision",
    "to_json",
    "votes_of",
    "who_must_act",
    "why_it_differs",
    "worst",
    "worst_to_post",
]
