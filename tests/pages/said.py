"""What the world's repositories and decisions say."""

from __future__ import annotations

from typing import Any

from lockgate.policy import Decision, Status

GOVERNANCE: dict[str, Any] = {
    "version": 1,
    "researchers": ["north-health/heart-researchers"],
    "controllers": ["north-health/heart-controllers"],
    "nodes": {"north": {"controllers": ["north-health/north-controllers"]}},
    "approvals": {
        "job_request": {"quorum": 1, "per_node": True},
        "result_publication": {"quorum": 2, "per_node": True, "blinded": False},
        "withdrawal": {"quorum": 1, "per_node": False},
        "code_change": {"quorum": 1, "per_node": False},
        "policy_change": {"quorum": 2, "per_node": True},
    },
    "disclosure": {
        "min_count": 10,
        "round_to": 5,
        "max_rows": 5000,
        "max_bytes": 16_000_000,
        "media_types": ["text/csv"],
    },
    "service": {"decide_within_days": 5},
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Incidence by region",
    "description": "Counts of first events per region and year.",
    "additionalProperties": False,
    "required": ["start", "end", "by"],
    "properties": {
        "start": {"type": "string", "format": "date", "title": "From", "x-group": "Period"},
        "end": {"type": "string", "format": "date", "title": "To", "x-group": "Period"},
        "by": {"type": "string", "enum": ["region", "hospital"], "title": "Grouped by"},
        "min_age": {"type": "integer", "minimum": 0, "maximum": 120, "x-unit": "years", "default": 18},
        "alpha": {"type": "number", "exclusiveMinimum": 0, "maximum": 0.5, "title": "Significance level"},
        "adjusted": {"type": "boolean", "title": "Adjust for age", "default": True},
        "sexes": {"type": "array", "items": {"type": "string", "enum": ["female", "male"]}},
        "codes": {
            "type": "array",
            "title": "Diagnosis codes",
            "items": {"type": "string", "pattern": "^[A-Z][0-9]{2}$"},
            "examples": ["I21"],
        },
    },
}
OUTPUTS = [
    {
        "name": "incidence.csv",
        "kind": "file",
        "media_type": "text/csv",
        "description": "One row per region and year.",
    },
    {
        "name": "incidence.png",
        "kind": "file",
        "media_type": "image/png",
        "description": "The same as a plot.",
    },
]
WAITING = Decision(
    Status.WAITING,
    "policy",
    "0 of 1 approvals by controllers of north.",
    (
        Decision(Status.APPROVED, "gate", "The gate found nothing to refuse at 3f9c2ab."),
        Decision(Status.APPROVED, "checks", "Every rule is met."),
        Decision(
            Status.WAITING, "quorum", "0 of 1 approvals by controllers of north.", acts="controllers of north"
        ),
    ),
)
APPROVED = Decision(
    Status.APPROVED,
    "policy",
    "Every rule is met.",
    (Decision(Status.APPROVED, "quorum", "1 of 1 approvals by controllers of north."),),
)
FAILED = Decision(
    Status.REFUSED,
    "policy",
    "The gate refuses this. jobs/x.yaml line 7: `start` must be a day as YYYY-MM-DD.",
    (Decision(Status.REFUSED, "gate", "The gate refuses this. jobs/x.yaml line 7: `start` must be a day."),),
)
CHANGES = Decision(
    Status.REFUSED,
    "policy",
    "Changes are requested by controller.",
    (
        Decision(
            Status.REFUSED, "no_changes_requested", "Changes are requested by controller.", acts="the author"
        ),
    ),
)
