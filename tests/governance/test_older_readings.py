"""An older reading that is written after a newer one changes nothing, whatever was read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from governance.glances import glance_over
from governance.models import Node, Project, PullRequest, Team
from governance.projection import read_code_repo, read_node_repo, read_teams, refresh
from tests.governance.test_webhooks import open_on_github
from tests.governance.world import NODE_REPO, World

pytestmark = pytest.mark.django_db
LATER = datetime(2100, 1, 1, tzinfo=UTC)


def test_a_reading_begun_earlier_never_overwrites_one_begun_later(world: World) -> None:
    number, project = open_on_github(world), world.project
    refresh(project, number)
    PullRequest.objects.update(title="Read later", read_at=LATER)
    refresh(project, number)
    assert PullRequest.objects.get(project=project).title == "Read later"


def test_an_answer_of_github_older_than_what_is_known_changes_nothing(world: World) -> None:
    number, project = open_on_github(world), world.project
    refresh(project, number)
    PullRequest.objects.update(title="Changed later", updated_at=LATER)
    refresh(project, number)
    assert PullRequest.objects.get(project=project).title == "Changed later"


def test_an_older_reading_of_a_team_brings_nobody_back(world: World) -> None:
    team = Team.objects.get(path="north-health/heart-controllers")
    team.members.clear()
    Team.objects.filter(pk=team.pk).update(confirmed_at=LATER)
    read_teams([team.path])
    assert not team.members.exists()


def test_an_older_reading_of_a_code_repo_changes_nothing(world: World) -> None:
    Project.objects.update(governance={"read": "later"}, confirmed_at=LATER)
    read_code_repo("heart_study")
    assert world.project.governance == {"read": "later"}


def test_an_older_reading_of_a_node_repo_changes_nothing(world: World) -> None:
    Node.objects.update(controllers=["read/later"], confirmed_at=LATER)
    read_node_repo(NODE_REPO)
    assert Node.objects.get().controllers == ["read/later"]


def test_an_older_glance_neither_confirms_nor_changes_protection(world: World) -> None:
    Project.objects.update(required_checks=[["later", None]], confirmed_at=LATER)
    glance_over([world.project])
    assert (world.project.required_checks, world.project.confirmed_at) == ([["later", None]], LATER)
