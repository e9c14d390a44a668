"""Who may see and do what: one helper for each kind of object. What is not yours is not found.

Permissions are django-guardian's, given to the groups of GitHub teams. They are as fresh as the
teams behind them: `confirmed_at` says when GitHub last said so.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from guardian.models import GroupObjectPermission
from guardian.shortcuts import get_objects_for_user

from governance.models import Node, Person, Project, Team
from lockgate.errors import Unavailable

OPENS_UNRELEASED = timedelta(minutes=5)
OPENS_DOWNLOADS = timedelta(minutes=60)
NOT_FOUND = "Not found, or not yours to see."

Visitor = User | AnonymousUser
View = TypeVar("View", bound=Callable[..., HttpResponse])


class StalePermission(Unavailable):
    """GitHub has not confirmed this permission for too long."""


def signed_in(view: View) -> View:
    """Send a visitor to sign in first; what they had typed is kept and given back (`governance.kept`)."""
    from governance.kept import ask_to_sign_in

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if person_of(request.user) is None:
            return ask_to_sign_in(request)
        return view(request, *args, **kwargs)

    return guarded  # type: ignore[return-value]


def person_of(user: Visitor) -> Person | None:
    """The GitHub account behind a signed-in user; None for nobody."""
    return getattr(user, "person", None) if user.is_authenticated else None


def is_administrator(user: Visitor) -> bool:
    person = person_of(user)
    return person is not None and person.account_id in settings.LOCKGATE.administrators


def visible_projects(user: Visitor, permission: str = "view_project") -> QuerySet[Project]:
    return _visible(user, permission, Project)


def visible_nodes(user: Visitor, permission: str = "view_node") -> QuerySet[Node]:
    return _visible(user, permission, Node)


def _visible(user: Visitor, permission: str, model: type[Any]) -> QuerySet[Any]:
    if person_of(user) is None:
        return model.objects.none()
    return get_objects_for_user(user, permission, klass=model, use_groups=True, with_superuser=False)


def project_or_404(user: Visitor, name: str, permission: str = "view_project") -> Project:
    project = visible_projects(user, permission).filter(name=name).first()
    if project is None:
        raise Http404(NOT_FOUND)
    return project


def node_or_404(user: Visitor, name: str, permission: str = "view_node") -> Node:
    node = visible_nodes(user, permission).filter(name=name).first()
    if node is None:
        raise Http404(NOT_FOUND)
    return node


def may(user: Visitor, permission: str, place: Project | Node) -> bool:
    if person_of(user) is None:
        return False
    return permission in _permissions(user, place)


def _permissions(user: Visitor, place: Project | Node) -> set[str]:
    """All permissions of the user on the object, read once for each request's user."""
    known: dict[tuple[str, int], set[str]] = user.__dict__.setdefault("_lockgate_permissions", {})
    key = (type(place).__name__, place.pk)
    if key not in known:
        rows = _grants(user, place).values_list("permission__codename", flat=True)
        known[key] = set(rows)
    return known[key]


def _grants(user: Visitor, place: Project | Node) -> QuerySet[GroupObjectPermission]:
    return GroupObjectPermission.objects.filter(
        group__in=user.groups.all(),
        object_pk=str(place.pk),
        content_type__app_label=place._meta.app_label,
        content_type__model=place._meta.model_name,
    )


def controller_nodes(user: Visitor, project: Project) -> set[str]:
    """Names of the project's nodes whose controllers the user is among (in both repositories' words)."""
    person = person_of(user)
    if person is None:
        return set()
    teams = set(person.teams.values_list("path", flat=True))
    named = project.governance.get("nodes", {})
    return {
        node.name
        for node in project.nodes.all()
        if teams & set(named.get(node.name, {}).get("controllers", ())) and teams & set(node.controllers)
    }


def confirmed_at(user: Visitor, permission: str, place: Project | Node) -> datetime | None:
    """When GitHub last confirmed the freshest team that gives the user this permission."""
    groups = _grants(user, place).filter(permission__codename=permission).values("group")
    teams = Team.objects.filter(group__in=groups, confirmed_at__isnull=False)
    newest = teams.order_by("-confirmed_at").values_list("confirmed_at", flat=True).first()
    return min(newest, place.confirmed_at) if newest and place.confirmed_at else None


def require_fresh(user: Visitor, permission: str, place: Project | Node, *, within: timedelta) -> None:
    """Raise StalePermission unless GitHub confirmed the permission `within` this time.

    `OPENS_UNRELEASED` for outputs that are not released, `OPENS_DOWNLOADS` for downloads.
    """
    at = confirmed_at(user, permission, place)
    if at is None or timezone.now() - at > within:
        said = f"at {at:%H:%M} UTC" if at else "never"
        raise StalePermission(
            f"GitHub last confirmed your access {said}; that is too long ago to open this.",
            next_step="Nothing is wrong with your access as far as Lockgate knows. Try again in a minute.",
        )
