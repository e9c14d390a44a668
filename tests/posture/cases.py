"""A repository as `lockgate new` and `lockgate protect` leave it, and ways to leave it otherwise."""

from __future__ import annotations

from typing import Any

from governance.posture.facts import (
    Actor,
    App,
    Check,
    Expected,
    Facts,
    Protection,
    Ruleset,
    Settings,
    Webhook,
)
from governance.posture.permissions import NODE_PERMISSIONS, PORTAL_EVENTS, PORTAL_PERMISSIONS, levels

PORTAL, NORTH, ACTIONS = 3001, 3002, 15368
TEAMS = frozenset({"heart-controllers", "north-controllers", "maintainers"})
URL = "https://portal.example/webhooks/github"
EVENTS = frozenset(event.name for event in PORTAL_EVENTS)


def protection(**changes: Any) -> Protection:
    kept: dict[str, Any] = {
        "checks": frozenset({Check("lockgate/policy", PORTAL), Check("gate", ACTIONS), Check("ci", ACTIONS)}),
        "pull_request": True,
        "stale_dismissed": True,
        "administrators_included": True,
        "passing_by": frozenset(),
        "teams": frozenset({"heart-controllers", "maintainers"}),
        "others": frozenset(),
        "linear_history": False,
        "force_pushes": False,
        "deletions": False,
    }
    return Protection(**{**kept, **changes})


def ruleset(pattern: str = "refs/heads/results/**/*", app: int = NORTH, **changes: Any) -> Ruleset:
    kept: dict[str, Any] = {
        "id": app,
        "name": pattern,
        "include": (pattern,),
        "exclude": (),
        "rules": frozenset({"creation", "update", "deletion"}),
        "merge_methods": None,
        "stale_dismissed": False,
        "bypass": frozenset({Actor("Integration", app)}),
        "updated_at": "2026-11-23T10:00:00Z",
    }
    return Ruleset(**{**kept, **changes})


RESULTS = ruleset()
DECISIONS = ruleset("refs/heads/lockgate/decisions", PORTAL)


def webhook(**changes: Any) -> Webhook:
    kept: dict[str, Any] = {"is_json": True, "verifies_tls": True, "has_secret": True, "failing": False}
    return Webhook(**{"url": URL, **kept, **changes})


def facts(**changes: Any) -> Facts:
    """Clean, but for what is given."""
    kept: dict[str, Any] = {
        "repo": "north-health/heart-study",
        "default_branch": "main",
        "is_node_repo": False,
        "expected": Expected(PORTAL, {"north": NORTH}, TEAMS, URL),
        "settings": Settings(merge_commits=True, squash=False, rebase=False),
        "protection": protection(),
        "rulesets": (RESULTS, DECISIONS),
        "codeowners": True,
        "actions_app": ACTIONS,
        "portal": App(levels(PORTAL_PERMISSIONS), EVENTS),
        "nodes": {"north": App(levels(NODE_PERMISSIONS), frozenset())},
        "webhook": webhook(),
    }
    return Facts(**{**kept, **changes})
