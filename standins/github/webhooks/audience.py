"""Which Apps hear of an event: those that subscribed, are installed there and may read such things."""

from __future__ import annotations

from collections.abc import Iterator

from standins.github.auth.access import installation_on
from standins.github.events import Event
from standins.github.site import Site
from standins.github.store import Account, App, Installation

# Each event, with the permission that an App must hold to be told.
EVENTS = {
    "push": "contents",
    "pull_request": "pull_requests",
    "pull_request_review": "pull_requests",
    "issue_comment": "pull_requests",
    "check_run": "checks",
    "check_suite": "checks",
    "membership": "members",
    "organization": "members",
    "team": "members",
    "member": "metadata",
}


def organization_of(site: Site, event: Event) -> Account | None:
    """The organisation that the event belongs to, by itself or through its repository."""
    if event.organization is not None or event.repository is None:
        return event.organization
    owner = site.account(event.repository.owner_id)
    return owner if owner.type == "Organization" else None


def listeners(site: Site, event: Event) -> Iterator[tuple[App, Installation]]:
    permission = EVENTS[event.name]
    for app in site.store.find(App):
        if not app.webhook_url or event.name not in app.events:
            continue
        if permission != "metadata" and permission not in app.permissions:
            continue
        installation = _installation(site, app, event)
        if installation is not None:
            yield app, installation


def _installation(site: Site, app: App, event: Event) -> Installation | None:
    if event.repository is not None:
        return installation_on(site, app.id, event.repository)
    organization = organization_of(site, event)
    if organization is None:
        return None
    return site.store.first(Installation, app_id=app.id, account_id=organization.id)
