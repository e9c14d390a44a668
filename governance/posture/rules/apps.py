"""The Apps: whether each may do what it needs and no more, and whether the portal hears of events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from governance.posture.facts import App, Facts, Told, Untold
from governance.posture.findings import Code, Finding
from governance.posture.permissions import (
    NODE_PERMISSIONS,
    PORTAL_EVENTS,
    PORTAL_PERMISSIONS,
    Permission,
    below,
    levels,
)


def portal_app(facts: Facts) -> Iterator[Finding]:
    yield from _granted("The portal's App", facts.portal, PORTAL_PERMISSIONS)
    if isinstance(facts.portal, App):
        missing = [each.name for each in PORTAL_EVENTS if each.name not in facts.portal.events]
        if missing:
            yield Finding(Code.EVENT_MISSING, ", ".join(missing))


def node_apps(facts: Facts) -> Iterator[Finding]:
    for name, app in facts.nodes.items():
        yield from _granted(f"The App of {name}", app, NODE_PERMISSIONS)


def webhook(facts: Facts) -> Iterator[Finding]:
    held = facts.webhook
    if isinstance(held, Untold):
        yield Finding(Code.UNTOLD, "The webhook", held.reason)
        return
    if held.url != facts.expected.webhook_url:
        yield Finding(Code.WEBHOOK_ELSEWHERE, held.url or "no address is set")
    if not (held.is_json and held.verifies_tls and held.has_secret):
        yield Finding(Code.WEBHOOK_UNSAFE)
    if held.failing:
        yield Finding(Code.WEBHOOK_FAILING)


def _granted(whose: str, app: Told[App], needed: tuple[Permission, ...]) -> Iterator[Finding]:
    if isinstance(app, Untold):
        yield Finding(Code.UNTOLD, whose, app.reason)
        return
    yield from _compared(whose, app.permissions, levels(needed))


def _compared(whose: str, held: Mapping[str, str], needed: Mapping[str, str]) -> Iterator[Finding]:
    for name in sorted(held.keys() | needed.keys()):
        has, wants = held.get(name, "none"), needed.get(name, "none")
        if below(has, wants):
            yield Finding(Code.PERMISSION_MISSING, f"{whose} has {name}: {has}, and needs {wants}")
        elif below(wants, has):
            yield Finding(Code.PERMISSION_TOO_WIDE, f"{whose} has {name}: {has}, and needs {wants}")


RULES = (portal_app, node_apps, webhook)
