"""Permissions come from GitHub teams, go with them, and are as fresh as their last confirmation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.http import Http404
from django.utils import timezone

from governance.access import (
    OPENS_DOWNLOADS,
    OPENS_UNRELEASED,
    StalePermission,
    controller_nodes,
    may,
    node_or_404,
    project_or_404,
    require_fresh,
)
from governance.models import Team
from tests.governance.world import ORGANIZATION, World

pytestmark = pytest.mark.django_db

ALLOWED = {
    "researcher": {"view_project", "request_job"},
    "controller": {"view_project", "decide_project"},
    "maintainer": {"view_project", "maintain_project"},
    "outsider": set(),
}
ALL = ("view_project", "request_job", "decide_project", "maintain_project")


@pytest.mark.parametrize("login", ALLOWED)
def test_each_role_has_what_its_teams_give_and_nothing_else(world: World, login: str) -> None:
    user = world.person(login).user
    assert {name for name in ALL if may(user, name, world.project)} == ALLOWED[login]


def test_what_is_not_yours_is_not_found(world: World) -> None:
    outsider = world.person("outsider").user
    with pytest.raises(Http404):
        project_or_404(outsider, "heart_study")
    with pytest.raises(Http404):
        node_or_404(outsider, "north")
    with pytest.raises(Http404):
        project_or_404(world.person("researcher").user, "heart_study", "decide_project")


def test_leaving_the_team_ends_access_and_joining_begins_it(world: World) -> None:
    membership = f"/orgs/{ORGANIZATION}/teams/heart-researchers/memberships"
    gone, came = world.person("researcher").user, world.person("controller-2").user
    world.api("DELETE", f"{membership}/researcher", as_="maintainer")
    world.api("PUT", f"{membership}/controller-2", as_="maintainer", body={"role": "member"})
    world.pass_again()
    assert not may(again(gone), "view_project", world.project)
    assert may(again(came), "request_job", world.project)


def again(user: User) -> User:
    """The same person, in a later request."""
    return User.objects.get(pk=user.pk)


def test_a_controller_decides_for_a_node_only_if_both_repositories_name_the_team(world: World) -> None:
    controller = world.person("controller").user
    assert controller_nodes(controller, world.project) == {"north"}
    node = world.project.nodes.get()
    node.controllers = ["north-health/maintainers"]
    node.save()
    assert controller_nodes(controller, world.project) == set()


def test_a_permission_confirmed_long_ago_opens_less_and_less(world: World) -> None:
    user, project = world.person("controller").user, world.project
    require_fresh(user, "decide_project", project, within=OPENS_UNRELEASED)
    Team.objects.update(confirmed_at=timezone.now() - timedelta(minutes=6))
    with pytest.raises(StalePermission, match="too long ago"):
        require_fresh(user, "decide_project", project, within=OPENS_UNRELEASED)
    require_fresh(user, "decide_project", project, within=OPENS_DOWNLOADS)
    Team.objects.update(confirmed_at=timezone.now() - timedelta(minutes=61))
    with pytest.raises(StalePermission):
        require_fresh(user, "decide_project", project, within=OPENS_DOWNLOADS)
