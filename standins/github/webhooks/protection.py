"""Branch protection as webhooks tell it: a rule with levels, where REST has switches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standins.github.events import Event
from standins.github.site import Site
from standins.github.store import App, Protection, Team

JSON = dict[str, Any]
OFF, EVERYONE = "off", "everyone"
# What GitHub says of an edited rule: of these, those that changed.
_TOLD = (
    *("admin_enforced", "authorized_actor_names", "authorized_actors_only"),
    *("authorized_dismissal_actors_only", "linear_history_requirement_enforcement_level"),
    *("lock_branch_enforcement_level", "lock_allows_fork_sync", "pull_request_reviews_enforcement_level"),
    *("require_last_push_approval", "required_status_checks", "required_status_checks_enforcement_level"),
)


def branch_protection_rule(site: Site, event: Event) -> JSON:
    rule = _rule(site, event.facts["protection"])
    if event.action != "edited":
        return {"rule": rule}
    former = _rule(site, event.facts["former"])
    changed = {name: {"from": former[name]} for name in _TOLD if former[name] != rule[name]}
    return {"rule": rule, "changes": changed}


def _rule(site: Site, row: Protection) -> JSON:
    settings = row.settings
    required = EVERYONE if settings["enforce_admins"] else "non_admins"
    return {
        "id": row.id,
        "repository_id": row.repository_id,
        "name": row.branch,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "admin_enforced": settings["enforce_admins"],
        "create_protected": settings["block_creations"],
        "lock_allows_fork_sync": settings["allow_fork_syncing"],
        "lock_branch_enforcement_level": required if settings["lock_branch"] else OFF,
        "allow_force_pushes_enforcement_level": EVERYONE if settings["allow_force_pushes"] else OFF,
        "allow_deletions_enforcement_level": EVERYONE if settings["allow_deletions"] else OFF,
        **_reviews(settings["required_pull_request_reviews"], required),
        **_checks(settings["required_status_checks"], required),
        **_actors(site, settings["restrictions"]),
        **dict.fromkeys(_NEVER_SET, OFF),
    }


def _reviews(given: Mapping[str, Any] | None, required: str) -> JSON:
    asked = given or {}
    return {
        "pull_request_reviews_enforcement_level": OFF if given is None else required,
        "required_approving_review_count": asked.get("required_approving_review_count", 1),
        "dismiss_stale_reviews_on_push": asked.get("dismiss_stale_reviews", False),
        "require_code_owner_review": asked.get("require_code_owner_reviews", False),
        "require_last_push_approval": asked.get("require_last_push_approval", False),
        "authorized_dismissal_actors_only": bool(asked.get("dismissal_restrictions")),
        "ignore_approvals_from_contributors": False,
    }


def _checks(given: Mapping[str, Any] | None, required: str) -> JSON:
    asked = given or {"checks": [], "strict": False}
    return {
        "required_status_checks": [check["context"] for check in asked["checks"]],
        "required_status_checks_enforcement_level": OFF if given is None else required,
        "strict_required_status_checks_policy": asked["strict"],
    }


def _actors(site: Site, given: Mapping[str, list[int]] | None) -> JSON:
    asked = given or {"users": [], "teams": [], "apps": []}
    names = [site.account(one).login for one in asked["users"]]
    names += [site.store.get(Team, one).slug for one in asked["teams"]]
    names += [site.store.get(App, one).slug for one in asked["apps"]]
    return {"authorized_actors_only": given is not None, "authorized_actor_names": names}


_NEVER_SET = (
    "linear_history_requirement_enforcement_level",
    "merge_queue_enforcement_level",
    "required_conversation_resolution_level",
    "required_deployments_enforcement_level",
    "signature_requirement_enforcement_level",
)
