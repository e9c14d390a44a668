"""Rulesets as an administrator makes them."""

from __future__ import annotations

from typing import Any

from tests.standin.seeded import HERE, NODE_APP
from tests.standin.world import World

RESTRICTED = [{"type": kind} for kind in ("creation", "update", "deletion", "non_fast_forward")]


def app(number: int = NODE_APP, mode: str = "always") -> dict[str, Any]:
    return {"actor_id": number, "actor_type": "Integration", "bypass_mode": mode}


def team(world: World, slug: str, mode: str = "always") -> dict[str, Any]:
    number = world.person("maintainer").teams.get_by_name(HERE[0], slug).parsed_data.id
    return {"actor_id": number, "actor_type": "Team", "bypass_mode": mode}


def body(*include: str, rules: list[dict[str, Any]] | None = None, **said: Any) -> dict[str, Any]:
    return {
        "name": "results",
        "target": "branch",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": list(include), "exclude": []}},
        "rules": RESTRICTED if rules is None else rules,
        "bypass_actors": [],
        **said,
    }


def govern(world: World, *include: str, **said: Any) -> Any:
    """A ruleset for the branches that these patterns name."""
    data = body(*include, **said)
    return world.person("maintainer").repos.create_repo_ruleset(*HERE, data=data).parsed_data


def pull_request(**parameters: Any) -> dict[str, Any]:
    """A rule that demands a pull request, and no more unless said."""
    switches = (
        "dismiss_stale_reviews_on_push",
        "require_code_owner_review",
        "require_last_push_approval",
        "required_review_thread_resolution",
    )
    everything = {**dict.fromkeys(switches, False), "required_approving_review_count": 0, **parameters}
    return {"type": "pull_request", "parameters": everything}
