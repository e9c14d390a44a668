"""What is told of repositories that move, of installations, and of people who turn away from an App."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from standins.github.events import Event
from standins.github.serialisers import accounts, checks
from standins.github.serialisers.repositories import minimal_repository
from standins.github.site import Site
from standins.github.store import Account, Repository

JSON = dict[str, Any]
_NAMED = ("id", "node_id", "name", "full_name", "private")


def _repository(site: Site, event: Event) -> JSON:
    if event.action == "transferred":
        return {"changes": {"owner": {"from": _owner(site, event.facts["from"])}}}
    if event.action in ("renamed", "edited"):
        return {"changes": event.facts.get("changes", {})}
    return {}


def _owner(site: Site, account: Account) -> JSON:
    if account.type == "Organization":
        return {"organization": accounts.simple_organization(site, account)}
    return {"user": accounts.simple_user(site, account)}


def _installation(site: Site, event: Event) -> JSON:
    return {
        "installation": checks.installation(site, event.facts["installation"]),
        "repositories": [_named(site, one) for one in event.facts["repositories"]],
        "requester": None,
    }


def _installation_repositories(site: Site, event: Event) -> JSON:
    installation = checks.installation(site, event.facts["installation"])
    changed = [_named(site, one) for one in event.facts["repositories"]]
    return {
        "installation": installation,
        "repository_selection": installation["repository_selection"],
        "repositories_added": changed if event.action == "added" else [],
        "repositories_removed": changed if event.action == "removed" else [],
        "requester": None,
    }


def _named(site: Site, repository: Repository) -> JSON:
    written = minimal_repository(site, repository)
    return {name: written[name] for name in _NAMED}


def _authorization(_site: Site, _event: Event) -> JSON:
    return {}


OF_PLACES: Mapping[str, Callable[[Site, Event], JSON]] = {
    "repository": _repository,
    "installation": _installation,
    "installation_repositories": _installation_repositories,
    "github_app_authorization": _authorization,
}
