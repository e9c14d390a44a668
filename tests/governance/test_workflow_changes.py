"""Workflow files: Lockgate's App may not change them, so such a change is merged on GitHub."""

from __future__ import annotations

from html import unescape

import pytest
from django.test import Client

from governance import actions, github
from governance.eligibility import workflows_are_merged_on_github
from governance.github.errors import GitHubDenied
from governance.models import PullRequest, RemoteAct
from governance.verdicts import look
from lockgate.errors import Denied
from tests.governance.test_signin import sign_in
from tests.governance.world import CODE_REPO, World

PATH = ".github/workflows/ci.yaml"


def test_the_rule_names_the_file_and_what_to_do() -> None:
    said = workflows_are_merged_on_github([PATH])
    assert PATH in said
    assert "merges it on GitHub" in said
    assert f"{PATH} and 2 more" in workflows_are_merged_on_github([PATH, "a", "b"])
    assert workflows_are_merged_on_github([]) == ""


def approved_workflow(world: World) -> PullRequest:
    """A change of a workflow by the researcher, with all the approvals that it needs."""
    world.push("workflow", {PATH: "name: ci\non: pull_request\njobs: {}\n"}, login="researcher")
    body = {"title": "Another workflow", "head": "workflow", "base": "main"}
    number = world.api("POST", f"/repos/{CODE_REPO}/pulls", as_="researcher", body=body)["number"]
    pull_request = look(world.project, number)
    world.checks_pass(pull_request)
    for login in ("controller", "controller-2"):
        pull_request = actions.approve(
            pull_request=pull_request, head=pull_request.head_sha, by=world.person(login)
        )
    assert pull_request.status == "approved", pull_request.decision
    return pull_request


def page_of(world: World, pull_request: PullRequest, act: str = "") -> str:
    client = Client()
    user = world.person("controller").user
    assert user is not None
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(f"/projects/heart_study/changes/{pull_request.number}/{act}")
    return unescape(page.content.decode())


@pytest.mark.django_db(transaction=True)
def test_it_is_approved_here_and_merged_on_github(world: World) -> None:
    pull_request = approved_workflow(world)
    page = page_of(world, pull_request)
    assert f"{PATH}), and Lockgate may not change that, on purpose." in page
    assert "Merge on GitHub" in page
    assert f'{CODE_REPO}/pull/{pull_request.number}"' in page
    assert f"/changes/{pull_request.number}/merge/" not in page
    assert 'name="head"' not in page_of(world, pull_request, "merge/")
    with pytest.raises(Denied, match="a controller merges it on GitHub"):
        actions.merge(pull_request=pull_request, head=pull_request.head_sha, by=world.person("controller"))
    assert not RemoteAct.objects.filter(kind="merge").exists()
    world.api("PUT", f"/repos/{CODE_REPO}/pulls/{pull_request.number}/merge", as_="controller", body={})
    assert look(world.project, pull_request.number).state == "merged"


@pytest.mark.django_db
def test_github_would_refuse_what_the_portal_does_not_offer(world: World) -> None:
    pull_request = approved_workflow(world)
    sign_in(Client(), "controller")
    acting = github.actor(pull_request.reviews.get(author__login="controller").author)
    with pytest.raises(GitHubDenied, match="without `workflows` permission"):
        acting.merge(CODE_REPO, pull_request.number, pull_request.head_sha, "Merge")
