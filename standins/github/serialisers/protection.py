"""Branch protection, with names for the ids that it is kept with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standins.github.serialisers.accounts import simple_user, team
from standins.github.serialisers.checks import app
from standins.github.serialisers.repositories import repository_url
from standins.github.site import Site
from standins.github.store import App, Protection, Repository, Team

JSON = dict[str, Any]
SWITCHES = (
    "enforce_admins",
    "required_linear_history",
    "allow_force_pushes",
    "allow_deletions",
    "block_creations",
    "required_conversation_resolution",
    "lock_branch",
    "allow_fork_syncing",
)


def protection_url(site: Site, repository: Repository, branch: str) -> str:
    return f"{repository_url(site, repository)}/branches/{branch}/protection"


def protection(site: Site, repository: Repository, row: Protection) -> JSON:
    url, settings = protection_url(site, repository, row.branch), row.settings
    content: JSON = {"url": url}
    for name in SWITCHES:
        content[name] = {"enabled": bool(settings[name])}
    content["enforce_admins"]["url"] = f"{url}/enforce_admins"
    content["required_signatures"] = {"url": f"{url}/required_signatures", "enabled": False}
    if settings["required_status_checks"] is not None:
        content["required_status_checks"] = _checks(url, settings["required_status_checks"])
    if settings["required_pull_request_reviews"] is not None:
        content["required_pull_request_reviews"] = _reviews(
            site, url, settings["required_pull_request_reviews"]
        )
    if settings["restrictions"] is not None:
        content["restrictions"] = {
            "url": f"{url}/restrictions",
            "users_url": f"{url}/restrictions/users",
            "teams_url": f"{url}/restrictions/teams",
            "apps_url": f"{url}/restrictions/apps",
            **_listed(site, settings["restrictions"]),
        }
    return content


def _checks(url: str, settings: Mapping[str, Any]) -> JSON:
    return {
        "url": f"{url}/required_status_checks",
        "strict": settings["strict"],
        "contexts": [check["context"] for check in settings["checks"]],
        "contexts_url": f"{url}/required_status_checks/contexts",
        "checks": settings["checks"],
    }


def _reviews(site: Site, url: str, settings: Mapping[str, Any]) -> JSON:
    content: JSON = {
        "url": f"{url}/required_pull_request_reviews",
        "dismiss_stale_reviews": settings["dismiss_stale_reviews"],
        "require_code_owner_reviews": bool(settings.get("require_code_owner_reviews")),
        "require_last_push_approval": settings["require_last_push_approval"],
        "required_approving_review_count": settings["required_approving_review_count"],
    }
    if settings.get("dismissal_restrictions"):
        content["dismissal_restrictions"] = {
            "url": f"{url}/dismissal_restrictions",
            "users_url": f"{url}/dismissal_restrictions/users",
            "teams_url": f"{url}/dismissal_restrictions/teams",
            **_listed(site, settings["dismissal_restrictions"]),
        }
    if settings["bypass_pull_request_allowances"]:
        content["bypass_pull_request_allowances"] = _listed(site, settings["bypass_pull_request_allowances"])
    return content


def _listed(site: Site, lists: Mapping[str, list[int]]) -> JSON:
    return {
        "users": [simple_user(site, site.account(one)) for one in lists["users"]],
        "teams": [team(site, site.store.get(Team, one)) for one in lists["teams"]],
        "apps": [app(site, site.store.get(App, one)) for one in lists["apps"]],
    }
