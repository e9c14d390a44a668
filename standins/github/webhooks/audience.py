"""Which Apps hear of an event: those that subscribed, are installed there and may read such things.

What concerns an App itself it hears in any case.
"""

from __future__ import annotations

from collections.abc import Iterator

from standins.github.auth.access import installation_on
from standins.github.events import Event
from standins.github.site import Site
from standins.github.store import Account, App, Installation, InstallationSuspension

# Each event, with the permission that an App must hold to be told.
EVENTS = {
    "push": "contents",
    "pull_request": "pull_requests",
    "pull_request_review": "pull_requests",
    "issue_comment": "pull_requests",
    "check_run": "checks",
    "check_suite": "checks",
    "status": "statuses",
    "label": "metadata",
    "branch_protection_rule": "administration",
    "repository_ruleset": "administration",
    "membership": "members",
    "organization": "members",
    "team": "members",
    "member": "metadata",
    "repository": "metadata",
}
OF_INSTALLATIONS = ("installation", "installation_repositories")
OF_PEOPLE = ("github_app_authorization",)


def organization_of(site: Site, event: Event) -> Account | None:
    """The organisation that the event belongs to, by itself or through its repository."""
    if event.organization is not None or event.repository is None:
        return event.organization
    owner = site.account(event.repository.owner_id)
    return owner if owner.type == "Organization" else None


def listeners(site: Site, event: Event) -> Iterator[tuple[App, Installation | None]]:
    """Each with its installation that the event belongs to; None where it belongs to none."""
    if event.name in OF_INSTALLATIONS:
        installation: Installation = event.facts["installation"]
        app = site.store.get(App, installation.app_id)
        yield from [(app, installation)] if app.webhook_url else ()
    elif event.name in OF_PEOPLE:
        app = site.store.get(App, event.facts["app"].id)
        yield from [(app, None)] if app.webhook_url else ()
    else:
        yield from _subscribed(site, event)


def _subscribed(site: Site, event: Event) -> Iterator[tuple[App, Installation]]:
    permission = EVENTS[event.name]
    for app in site.store.find(App):
        if not app.webhook_url or event.name not in app.events:
            continue
        if permission != "metadata" and permission not in app.permissions:
            continue
        if event.action == "rerequested" and event.facts[event.name].app_id != app.id:
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
    found = site.store.first(Installation, app_id=app.id, account_id=organization.id)
    if found and site.store.first(InstallationSuspension, installation_id=found.id):
        return None
    return found
