"""Bringing a branch up to date: by the portal's App, which is nobody's vote; approvals lapse."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import pytest
from django.conf import settings as configured
from django.test import Client
from pytest_django import Settings

from governance import actions
from governance.eligibility import is_behind
from governance.github import pace
from governance.github.errors import OutcomeUnknown
from governance.models import AuditEvent, Outgoing, PullRequest, RemoteAct
from governance.verdicts import look
from lockgate.errors import Conflict, Denied
from tests.governance.seed import ORGANIZATION
from tests.governance.test_deciding import approved
from tests.governance.world import CODE_REPO, World

BOT = 4001


def behind(world: World) -> PullRequest:
    """An approved request, and a base that went on since."""
    pull_request = approved(world)
    world.api("DELETE", f"/repos/{CODE_REPO}/branches/main/protection", as_="maintainer")
    world.push("main", {"notes.txt": "Of somebody else.\n"}, login="maintainer")
    return look(world.project, pull_request.number)


def bring(world: World, pull_request: PullRequest, login: str = "controller-2") -> actions.Brought:
    return actions.bring_up_to_date(
        pull_request=pull_request, head=pull_request.head_sha, by=world.person(login)
    )


@pytest.mark.django_db
def test_the_app_merges_the_base_the_approval_lapses_and_the_same_controller_approves_again(
    world: World,
) -> None:
    before = behind(world)
    after = bring(world, before).pull_request
    assert after.head_sha != before.head_sha
    assert not is_behind(after)
    assert BOT in after.pushers
    assert after.status != "approved"
    assert "success" not in world.policy_checks(after.head_sha)
    assert AuditEvent.objects.filter(action="bring_up_to_date", login="controller-2").exists()
    world.checks_pass(after)
    again = actions.approve(pull_request=after, head=after.head_sha, by=world.person("controller-2"))
    assert again.status == "approved", again.decision
    done = actions.merge(pull_request=again, head=again.head_sha, by=world.person("controller"))
    assert done.pull_request.state == "merged"


@pytest.mark.django_db
def test_it_is_refused_where_there_is_nothing_to_do_or_nobody_to_do_it(world: World) -> None:
    current = approved(world)
    with pytest.raises(Denied, match="up to date with main"):
        bring(world, current)
    world.api("DELETE", f"/repos/{CODE_REPO}/branches/main/protection", as_="maintainer")
    world.push("main", {"notes.txt": "Of somebody else.\n"}, login="maintainer")
    with pytest.raises(Denied, match="Only a controller"):
        bring(world, current, "researcher-2")
    moved = look(world.project, current.number)
    moved.mergeable = False
    assert not is_behind(moved)


@pytest.mark.django_db
@pytest.mark.parametrize("lost", ["answer", "request"])
def test_one_of_unknown_outcome_is_looked_up_and_done_once(world: World, lost: str) -> None:
    before = behind(world)
    getattr(world.line, f"lose_{lost}")("PUT /update-branch")
    with pytest.raises(OutcomeUnknown):
        bring(world, before)
    world.pass_again()
    after = world.pull_request(before.number)
    assert not is_behind(after)
    assert set(RemoteAct.objects.filter(kind="update_branch").values_list("state", flat=True)) <= {
        "done",
        "failed",
    }
    commits = world.api("GET", f"/repos/{CODE_REPO}/pulls/{before.number}/commits", as_="maintainer")
    assert len(commits) == 2
    assert not Outgoing.objects.exists()


@pytest.mark.django_db
def test_a_head_that_moved_is_left_alone_and_what_github_refuses_is_told(world: World) -> None:
    before = behind(world)
    world.line.refuse("PUT /update-branch", 422, {})
    with pytest.raises(Conflict, match="GitHub refused it"):
        bring(world, before)
    assert not Outgoing.objects.exists()
    world.push(before.head_ref, {"more.txt": "x"}, login="researcher")
    with pytest.raises(Conflict, match="The request moved from"):
        bring(world, before)


@pytest.mark.django_db(transaction=True)
def test_it_is_offered_and_pressed_on_the_review_page(world: World, settings: Settings) -> None:
    before = behind(world)
    client = Client()
    user = world.person("controller").user
    assert user is not None
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    path = f"/projects/heart_study/changes/{before.number}/bring-up-to-date/"
    review = client.get(f"/projects/heart_study/requests/{before.request}/review/")
    assert path in review.content.decode()
    assert "approvals given so far lapse" in client.get(path).content.decode()
    settings.LOCKGATE = replace(configured.LOCKGATE, github_writes_apart=30)
    with pace.turn(ORGANIZATION) as turn:
        turn.use()
    page = client.post(path, {"head": before.head_sha}, follow=True)
    assert "It is brought up to date in a moment." in unescape(page.content.decode())
    settings.LOCKGATE = replace(configured.LOCKGATE, github_writes_apart=0)
    pace.Pace.objects.update(writes_from=before.read_at)
    world.pass_again()
    assert world.pull_request(before.number).head_sha != before.head_sha
    assert path not in client.get(f"/projects/heart_study/requests/{before.request}/review/").content.decode()
