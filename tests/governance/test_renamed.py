"""A repository that is renamed on GitHub waits until it is named anew, and stays what it was."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from pytest_django import Settings

from governance import actions
from governance.models import AuditEvent, Node
from governance.verdicts import look
from lockgate.errors import LockgateError
from tests.governance.seed import CODE_REPO, NODE_REPO, ORGANIZATION
from tests.governance.world import World, a_request
from tests.standin.world import commit, git

pytestmark = pytest.mark.django_db
RENAMED = f"{ORGANIZATION}/heart"


def rename(world: World, name: str = "heart") -> None:
    world.api("PATCH", f"/repos/{CODE_REPO}", as_="maintainer", body={"name": name})


def register(world: World, repo: str) -> None:
    """The maintainer names the project's Code Repo in the Node Repo."""
    clone = world.clone(NODE_REPO, "maintainer")
    path = clone / "projects" / "heart_study.yaml"
    path.write_text(re.sub("code_repo: .*", f"code_repo: {repo}", path.read_text()))
    commit(clone, {})
    git(clone, "push", "-q", "origin", "main")
    world.pass_again()


def test_nothing_is_decided_until_the_node_repo_names_it_anew_and_then_it_is_the_same_project(
    world: World,
) -> None:
    sent = actions.open_request(project=world.project, request=a_request(), by=world.person("researcher"))
    assert sent is not None
    rename(world)
    world.push("request/" + a_request().id, {"more.txt": "more\n"}, login="researcher", repo=RENAMED)
    with pytest.raises(LockgateError, match="was renamed or transferred") as refused:
        look(world.project, sent.number)
    assert "A maintainer puts its name of today into the Node Repo" in refused.value.next_step
    world.pass_again()
    assert f"{CODE_REPO} is {RENAMED} on GitHub now" in world.project.problem
    register(world, RENAMED)
    assert (world.project.code_repo, world.project.problem) == (RENAMED, "")
    assert AuditEvent.objects.get(action="project.renamed").details == {"from": CODE_REPO, "to": RENAMED}
    assert look(world.project, sent.number).head_sha != sent.head_sha


def test_a_node_repo_is_named_anew_in_the_settings_and_stays_the_same_node(
    world: World, settings: Settings
) -> None:
    node, renamed = Node.objects.get(), f"{ORGANIZATION}/north"
    world.api("PATCH", f"/repos/{NODE_REPO}", as_="maintainer", body={"name": "north"})
    world.pass_again()
    assert "LOCKGATE_NODE_REPOS says its name of today" in Node.objects.get().problem
    settings.LOCKGATE = replace(settings.LOCKGATE, node_repos=(renamed,))
    world.pass_again()
    assert [(each.pk, each.repo, each.problem) for each in Node.objects.all()] == [(node.pk, renamed, "")]
    assert list(world.project.nodes.all()) == [node]


def test_another_repository_does_not_take_the_project_over(world: World) -> None:
    """Neither by a name in the Node Repo, nor by the name that became free."""
    register(world, NODE_REPO)
    assert world.project.code_repo == CODE_REPO
    register(world, CODE_REPO)
    rename(world)
    world.api("PATCH", f"/repos/{NODE_REPO}", as_="maintainer", body={"name": CODE_REPO.split("/")[1]})
    known = world.project.main_sha
    world.pass_again()
    assert "another repository under" in world.project.problem
    assert world.project.main_sha == known
