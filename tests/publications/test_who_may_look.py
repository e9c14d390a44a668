"""Outputs before release are open to the controllers who review them, and to nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from governance.models import AuditEvent, Node, Registration, Team, TeamMember
from publications.models import Preview
from tests.pages import world as pages
from tests.pages.world import World
from tests.publications import scene as scenes
from tests.publications.conftest import Visit
from tests.publications.scene import OUTPUTS, Scene

pytestmark = pytest.mark.django_db
LOOK = f"{OUTPUTS}preview/incidence.csv/"


@pytest.mark.parametrize("login", ["controller", "controller-2"])
def test_controllers_of_the_node_look(login: str, scene: Scene, as_: Visit) -> None:
    assert as_(login).get(OUTPUTS).status_code == 200
    assert as_(login).get(LOOK).status_code == 200


@pytest.mark.parametrize("login", ["researcher", "researcher-2", "maintainer", "outsider"])
def test_nobody_else_finds_them(login: str, scene: Scene, as_: Visit) -> None:
    assert as_(login).get(OUTPUTS).status_code == 404
    assert as_(login).get(LOOK).status_code == 404
    assert not Preview.objects.exists()
    assert not AuditEvent.objects.filter(action="output.looked_at").exists()


def test_the_requester_never_looks_even_as_a_controller(people: World, as_: Visit) -> None:
    scenes.propose(people, requester=people.people["controller"])
    assert as_("controller").get(OUTPUTS).status_code == 404
    assert as_("controller").get(LOOK).status_code == 404
    assert as_("controller-2").get(OUTPUTS).status_code == 200


def test_a_controller_of_the_project_who_is_none_of_the_node_does_not_look(scene: Scene, as_: Visit) -> None:
    TeamMember.objects.filter(
        team__path="north-health/north-controllers", person__login="controller"
    ).delete()
    assert as_("controller").get(OUTPUTS).status_code == 404
    assert as_("controller-2").get(OUTPUTS).status_code == 200


def test_a_controller_whom_the_node_itself_does_not_name_does_not_look(scene: Scene, as_: Visit) -> None:
    Node.objects.update(controllers=["north-health/others"])
    assert as_("controller").get(OUTPUTS).status_code == 404


def test_where_the_policy_does_not_ask_for_each_node_the_projects_controllers_look(
    scene: Scene, as_: Visit
) -> None:
    TeamMember.objects.filter(
        team__path="north-health/north-controllers", person__login="controller"
    ).delete()
    ask_for_each_node(scene, False)
    assert as_("controller").get(OUTPUTS).status_code == 200
    Registration.objects.update(
        minimums={"result_publication": {"quorum": 1, "per_node": True, "blinded": False}}
    )
    assert as_("controller").get(OUTPUTS).status_code == 404, "the node asks for its own controllers"


def test_a_policy_that_cannot_be_read_opens_nothing_more(scene: Scene, as_: Visit) -> None:
    scene.world.project.governance = {}
    scene.world.project.save()
    assert as_("controller").get(OUTPUTS).status_code == 404


def ask_for_each_node(scene: Scene, per_node: bool) -> None:
    project = scene.world.project
    approvals = project.governance["approvals"]
    approvals = approvals | {"result_publication": approvals["result_publication"] | {"per_node": per_node}}
    project.governance = project.governance | {"approvals": approvals}
    project.save()


@pytest.mark.parametrize("what", ["the node's team", "the node", "the project"])
def test_permission_older_than_five_minutes_opens_nothing(what: str, scene: Scene, as_: Visit) -> None:
    rows = {
        "the node's team": Team.objects.filter(path="north-health/north-controllers"),
        "the node": Node.objects.all(),
        "the project": type(scene.world.project).objects.all(),
    }[what]
    rows.update(confirmed_at=timezone.now() - timedelta(minutes=4))
    assert as_("controller").get(LOOK).status_code == 200
    rows.update(confirmed_at=timezone.now() - timedelta(minutes=6))
    before = AuditEvent.objects.count()
    for address in (OUTPUTS, LOOK):
        answer = as_("controller").get(address)
        assert answer.status_code == 503, address
        assert "too long ago" in answer.content.decode()
    assert AuditEvent.objects.count() == before


def test_permission_that_was_never_confirmed_opens_nothing(scene: Scene, as_: Visit) -> None:
    Team.objects.update(confirmed_at=None)
    assert as_("controller").get(OUTPUTS).status_code == 404
    assert as_("controller").get(LOOK).status_code == 404


def test_another_requests_and_another_nodes_outputs_are_not_found(scene: Scene, as_: Visit) -> None:
    other = pages.request(scene.world, "2026-11-20-other-a1b2", "Another")
    assert as_("controller").get(OUTPUTS.replace(scene.request.slug, other.slug)).status_code == 404
    assert as_("controller").get(OUTPUTS.replace("/north/", "/south/")).status_code == 404


def test_a_file_that_is_not_among_the_outputs_is_not_found(scene: Scene, as_: Visit) -> None:
    for name in ("manifest.yaml", "..", "incidence.csv.dvc"):
        assert as_("controller").get(f"{OUTPUTS}preview/{name}/").status_code == 404, name


def test_a_name_that_no_database_takes_is_refused(scene: Scene, as_: Visit) -> None:
    assert as_("controller").get(f"{OUTPUTS}preview/%00/").status_code == 422
