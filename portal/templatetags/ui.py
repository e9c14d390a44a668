"""The components of every page: badge, icon, act line, time, policy tree, facts.

Each is shown on the components page (`/components/`, only with debug on).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from importlib.metadata import version as installed_version
from typing import Any

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jobs.states import State
from lockgate.policy import Decision, Status
from portal.words import ago, bytes_in_words, clock_time, duration, kind_in_words

register = template.Library()

STATUS_ROLES = {
    Status.APPROVED: ("green", "tick"),
    Status.WAITING: ("amber", "ring"),
    Status.REFUSED: ("red", "octagon"),
    Status.UNREADABLE: ("violet", "diamond"),
}
CHECK_ROLES = {
    "success": ("green", "tick", "passed"),
    "failure": ("red", "octagon", "failed"),
    "cancelled": ("red", "square", "cancelled"),
    "timed_out": ("red", "octagon", "timed out"),
    "": ("blue", "quarter-disc", "running"),
}
NUMERIC = frozenset({"number", "integer", "float"})
SERVICE_ROLES = {
    "ok": ("green", "tick", "OK"),
    "late": ("amber", "hourglass", "Late"),
    "down": ("red", "triangle", "Down"),
    "unknown": ("violet", "diamond", "Unknown"),
}


@register.filter
def words(text: str) -> list[str]:
    return text.split()


@register.filter
def field_id(key: str) -> str:
    """The id of the field that is sent as this key."""
    return f"id-{key.replace('.', '-')}"


@register.simple_tag
def described(key: str, hint: str, problem: str) -> SafeString | str:
    """The attributes that tie a field to its hint and to what is wrong with it."""
    ids = [f"{field_id(key)}-{part}" for part, text in (("hint", hint), ("error", problem)) if text]
    said = format_html(' aria-describedby="{}"', " ".join(ids)) if ids else ""
    return format_html('{} aria-invalid="true"', said) if problem else said


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite; without a label it is decoration, which is right beside a word."""
    address = icon_address(name)
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, address
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"></use></svg>', address)


@register.simple_tag
def icon_address(name: str) -> str:
    return f"{static('lockgate/icons.svg')}#{name}"


@register.simple_tag
def badge(state: State | str) -> SafeString:
    """The badge of a state of work."""
    state = State(state)
    return label_badge(state.label, state.role, state.icon)


@register.simple_tag
def label_badge(label: str, role: str, name: str) -> SafeString:
    """A badge of any label, role (colour) and icon."""
    return format_html('<span class="badge role-{}">{}{}</span>', role, icon(name), label)


@register.simple_tag
def check_badge(check: Any) -> SafeString:
    """The badge of a check run: its name and how it ended."""
    role, name, said = CHECK_ROLES.get(check.conclusion, ("grey", "slash", check.conclusion))
    return label_badge(f"{check.name} {said}", role, name)


@register.simple_tag
def service_badge(state: str) -> SafeString:
    role, name, label = SERVICE_ROLES.get(state, SERVICE_ROLES["unknown"])
    return label_badge(label, role, name)


@register.simple_tag
def when(at: datetime | None, otherwise: str = "never") -> SafeString | str:
    """A time with its zone, and how long ago it was."""
    if at is None:
        return otherwise
    now = timezone.now()
    return format_html(
        '<span class="moment"><time datetime="{}">{}</time> <span class="when">({})</span></span>',
        at.isoformat(),
        clock_time(at, now),
        ago(at, now),
    )


@register.simple_tag
def since(at: datetime) -> SafeString:
    """A time with its zone alone."""
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), clock_time(at, timezone.now()))


@register.inclusion_tag("components/act_line.html")
def act_line(act: Any) -> dict[str, Any]:
    """Who must act, since when, how much of the time is used, and the policy tree behind "Why?".

    `act` is a `jobs.acting.ActLine` or anything with its attributes.
    """
    return {"act": act}


@register.inclusion_tag("components/policy_tree.html")
def policy_tree(decision: Decision | None) -> dict[str, Any]:
    if decision is None:
        return {"rows": []}
    return {"rows": [_tree(child) for child in decision.children or (decision,)]}


def _tree(decision: Decision) -> dict[str, Any]:
    role, name = STATUS_ROLES[decision.status]
    return {
        "role": role,
        "icon": name,
        "status": decision.status.value,
        "reason": decision.reason,
        "children": [_tree(child) for child in decision.children],
    }


@register.inclusion_tag("components/facts.html")
def facts(rows: Mapping[str, Any] | Iterable[tuple[str, Any]], style: str = "") -> dict[str, Any]:
    """Labels and values, one below the other; style `across` or `even` sets them side by side."""
    return {"rows": dict(rows).items(), "style": style}


@register.inclusion_tag("components/diff.html")
def diff(lines: Iterable[Any]) -> dict[str, Any]:
    """A difference: lines of `jobs.diff.Line`."""
    return {"lines": lines}


@register.inclusion_tag("components/timeline.html")
def timeline(events: Iterable[Any]) -> dict[str, Any]:
    """Events of `portal.pages.timeline.Event`, oldest first; those of machines are folded."""
    return {"events": events}


@register.inclusion_tag("components/data_table.html")
def data_table(table: Any) -> dict[str, Any]:
    """A window of a table: `columns` of name and type, `rows`, `first_row`, `total_rows`."""
    numeric = [column["type"] in NUMERIC for column in table["columns"]]
    return {
        "columns": list(zip(table["columns"], numeric, strict=True)),
        "rows": [list(zip(row, numeric, strict=True)) for row in table["rows"]],
        "first_row": table["first_row"],
        "total_rows": table["total_rows"],
    }


@register.filter
def sha(text: str) -> str:
    """The first seven of a commit's hash."""
    return text[:7]


@register.filter
def size(count: int | None) -> str:
    return "unknown size" if count is None else bytes_in_words(count)


@register.filter
def on_github(pull: Any) -> str:
    """The address of a pull request on GitHub."""
    return f"{settings.LOCKGATE.github_url}/{pull.repository}/pull/{pull.number}"


@register.filter
def kind(value: str) -> str:
    return kind_in_words(value)


@register.filter
def spoken(value: Any) -> str:
    """A parameter's value as a person writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(spoken, value)) or "none"
    return "none" if value is None else str(value)


@register.filter
def lasting(value: timedelta) -> str:
    return duration(value)


@register.simple_tag
def version() -> str:
    return installed_version("lockgate")


@register.simple_tag(takes_context=True)
def navigation(context: template.Context) -> list[Any]:
    """The pages of the top bar for whoever looks."""
    from portal.pages.navigation import pages_for

    request = context.get("request")
    return pages_for(request) if request is not None else []
