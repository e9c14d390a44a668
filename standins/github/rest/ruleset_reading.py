"""From the body of a call to a ruleset: checked as GitHub does; what is not implemented is said aloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from standins.github.clock import now
from standins.github.errors import ApiError, invalid
from standins.github.rest.call import Call
from standins.github.rulesets import TYPES
from standins.github.store import Account, App, Repository, Ruleset, Team
from standins.github.store.rows import Row

TARGETS = ("branch", "tag")
ENFORCEMENTS = ("active", "evaluate", "disabled")
MODES = ("always", "pull_request", "exempt")
# Actors that have a row here; the others are roles.
_ROWS: Mapping[str, type[Row]] = {"Integration": App, "Team": Team, "User": Account}
_DEMANDED = {
    "pull_request": (
        "dismiss_stale_reviews_on_push",
        "require_code_owner_review",
        "require_last_push_approval",
        "required_approving_review_count",
        "required_review_thread_resolution",
    ),
    "required_status_checks": ("required_status_checks", "strict_required_status_checks_policy"),
}
_NEVER_HELD = ("required_review_thread_resolution", "strict_required_status_checks_policy")


def read_ruleset(call: Call, repository: Repository, known: Ruleset) -> Ruleset:
    """`known` with what the body says; name and enforcement must be there in the end."""
    row = replace(
        known,
        name=call.field("name", str, known.name or None),
        target=call.field("target", str, known.target),
        enforcement=call.field("enforcement", str, known.enforcement or None),
        conditions=_conditions(call.field("conditions", dict, known.conditions)),
        rules=[_rule(rule) for rule in call.field("rules", list, known.rules)],
        bypass_actors=[_actor(call, one) for one in call.field("bypass_actors", list, known.bypass_actors)],
        created_at=known.created_at or now(),
        updated_at=now(),
    )
    same = call.site.store.first(Ruleset, repository_id=repository.id, name=row.name)
    if same is not None and same.id != known.id:
        raise _wrong("name", "Name must be unique")
    if row.enforcement not in ENFORCEMENTS:
        raise _wrong("enforcement", f"{row.enforcement} is not a member of {list(ENFORCEMENTS)}.")
    if row.target not in TARGETS:
        raise ApiError(501, f"Not implemented here: rulesets for {row.target}")
    return row


def _conditions(given: Mapping[str, Any]) -> dict[str, Any]:
    names = given.get("ref_name") or {}
    if set(given) - {"ref_name"} or not all(isinstance(names.get(one, []), list) for one in names):
        raise _wrong("conditions", "Expected ref_name with include and exclude")
    return {"ref_name": {"include": names.get("include", []), "exclude": names.get("exclude", [])}}


def _rule(given: Mapping[str, Any]) -> dict[str, Any]:
    kind, parameters = given.get("type"), given.get("parameters") or {}
    if kind not in TYPES:
        raise ApiError(501, f"Not implemented here: rules of type {kind}")
    missing = [name for name in _DEMANDED.get(kind, ()) if name not in parameters]
    if missing:
        raise _wrong("rules", f"Invalid rule '{kind}': {', '.join(missing)} wasn't supplied.")
    held = [name for name in _NEVER_HELD if parameters.get(name)]
    if held or parameters.get("required_reviewers"):
        raise ApiError(501, f"Not implemented here: {', '.join(held) or 'required_reviewers'}")
    return {"type": kind, **({"parameters": parameters} if parameters else {})}


def _actor(call: Call, given: Mapping[str, Any]) -> dict[str, Any]:
    kind, number = given.get("actor_type"), given.get("actor_id")
    mode = given.get("bypass_mode", "always")
    if kind in ("DeployKey", None) or mode not in MODES:
        raise _wrong("bypass_actors", f"Invalid bypass actor {kind} in mode {mode}")
    row = _ROWS.get(str(kind))
    if row is not None and call.site.store.first(row, id=number) is None:
        raise _wrong("bypass_actors", f"Actor {kind} {number} must be part of the repository or its owner")
    return {"actor_id": number, "actor_type": kind, "bypass_mode": mode}


def _wrong(field: str, message: str) -> ApiError:
    told = {"resource": "RepositoryRuleset", "field": field, "code": "custom", "message": message}
    return invalid("Validation Failed", told)
