"""What is not well, for those who maintain it: parts of nodes, and repositories open on GitHub."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.urls import reverse

from governance.access import Visitor, visible_nodes, visible_projects
from governance.models import Posture, ServiceState
from portal.pages.posture import view_posture
from portal.templatetags.ui import SERVICE_ROLES


@dataclass(frozen=True)
class Problem:
    name: str
    address: str
    label: str
    role: str
    icon: str
    says: str
    since: datetime


def problems_of(user: Visitor, now: datetime) -> list[Problem]:
    """Oldest first."""
    return sorted([*_services(user), *_postures(user, now)], key=lambda each: each.since)


def _services(user: Visitor) -> list[Problem]:
    nodes = visible_nodes(user, "maintain_node")
    rows = ServiceState.objects.filter(node__in=nodes).exclude(state="ok").select_related("node")
    return [_service(row) for row in rows]


def _service(row: ServiceState) -> Problem:
    assert row.node is not None  # the query took those of nodes
    role, icon, label = SERVICE_ROLES.get(row.state, SERVICE_ROLES["unknown"])
    says = f"{row.name}: {row.effect}" if row.effect else row.name
    return Problem(row.node.name, reverse("node", args=[row.node.name]), label, role, icon, says, row.since)


def _postures(user: Visitor, now: datetime) -> list[Problem]:
    projects, nodes = visible_projects(user, "maintain_project"), visible_nodes(user, "maintain_node")
    rows = Posture.objects.filter(Q(project__in=projects) | Q(node__in=nodes))
    found = rows.select_related("project", "node").prefetch_related("findings")
    return [problem for row in found if (problem := _posture(row, now)) is not None]


def _posture(row: Posture, now: datetime) -> Problem | None:
    view = view_posture(row, row.place, now)
    if view.is_clean or view.since is None:
        return None
    page = reverse("project" if row.project else "node", args=[row.place.name])
    says = f"Protection on GitHub: {view.says}"
    return Problem(row.place.name, f"{page}#protection", view.label, view.role, view.icon, says, view.since)
