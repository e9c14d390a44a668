"""GitHub slow, failing or full: whatever is pressed stands once in the end, and rows say what GitHub says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from governance import actions
from governance.github.errors import GitHubUnavailable
from governance.models import PullRequest, RemoteAct, Team
from governance.passes import judge_open
from governance.places import subject_of
from governance.projection import read_teams
from governance.projection.teams import team_row
from governance.verdicts import look
from lockgate.errors import Denied, LockgateError
from lockgate.policy import CONFIRMED_WITHIN
from standins.github.faults.switches import CallEffect
from tests.governance import trouble
from tests.governance.test_deciding import approved, opened
from tests.governance.trouble import breaks, in_the_end, in_the_portal, inside, on_github, pressed_until
from tests.governance.world import CODE_REPO, World, a_request

pytestmark = pytest.mark.django_db
impatient = trouble.impatient
E = CallEffect
LATE = trouble.PATIENCE + 0.7


def merge(world: World, pull_request: PullRequest) -> None:
    actions.merge(pull_request=pull_request, head=pull_request.head_sha, by=world.person("controller"))


def merged_once(world: World, pull_request: PullRequest) -> bool:
    """One merge commit on main, and the row says which."""
    commits = world.api("GET", f"/repos/{CODE_REPO}/commits", as_="maintainer")
    merges = [one["sha"] for one in commits if len(one["parents"]) == 2]
    row = world.pull_request(pull_request.number)
    assert len(merges) <= 1
    return row.state == "merged" and merges == [row.merge_sha]


@pytest.mark.parametrize("effect", [E.FAIL_BEFORE, E.FAIL_AFTER])
def test_a_merge_stands_once(world: World, effect: CallEffect) -> None:
    pull_request = approved(world)
    breaks(world, effect, "PUT", "*/merge")
    pressed_until(world, lambda: merge(world, pull_request), lambda: merged_once(world, pull_request))
    assert RemoteAct.objects.filter(kind="merge", state="done").count() == 1
    assert in_the_portal(world, pull_request.number) == on_github(world, pull_request.number)


def test_a_merge_whose_answer_comes_too_late_is_found_done(world: World, impatient: None) -> None:
    pull_request = approved(world)
    breaks(world, E.SLOW_ANSWER, "PUT", "*/merge", seconds=LATE)
    with pytest.raises(LockgateError, match="did not confirm"):
        merge(world, pull_request)
    in_the_end(world, lambda: merged_once(world, pull_request), "the merge that nobody saw")
    assert RemoteAct.objects.get(kind="merge").state == "done"


def test_a_merge_that_github_does_long_after_it_was_asked_shows_as_merged(
    world: World, impatient: None
) -> None:
    pull_request = approved(world)
    breaks(world, E.SLOW, "PUT", "*/merge", seconds=LATE)
    with pytest.raises(LockgateError, match="did not confirm"):
        merge(world, pull_request)
    in_the_end(world, lambda: merged_once(world, pull_request), "the late merge")
    assert in_the_portal(world, pull_request.number) == on_github(world, pull_request.number)


def test_a_request_is_opened_once(world: World) -> None:
    breaks(world, E.FAIL_AFTER, "POST", "*/pulls")
    request, researcher = a_request(), world.person("researcher")
    pressed_until(
        world,
        lambda: actions.open_request(project=world.project, request=request, by=researcher),
        lambda: PullRequest.objects.filter(project=world.project).exists(),
    )
    (pull,) = world.api("GET", f"/repos/{CODE_REPO}/pulls?state=all", as_="researcher")
    commits = world.api("GET", f"/repos/{CODE_REPO}/pulls/{pull['number']}/commits", as_="researcher")
    assert len(commits) == 1
    assert RemoteAct.objects.filter(kind="open_request", state="done").count() == 1
    assert in_the_portal(world, pull["number"]) == on_github(world, pull["number"])


@pytest.mark.parametrize("effect", [E.FAIL_AFTER, E.SECONDARY_LIMIT])
def test_the_check_is_posted_once(world: World, effect: CallEffect) -> None:
    pull_request = opened(world)
    breaks(world, effect, "POST", "*/check-runs")
    review = {"event": "APPROVE", "commit_id": pull_request.head_sha}
    path = f"/repos/{CODE_REPO}/pulls/{pull_request.number}/reviews"
    world.api("POST", path, as_="controller", body=review)
    head = pull_request.head_sha
    in_the_end(world, lambda: world.policy_checks(head)[-1] == "success", "the green check")
    world.pass_again()
    assert world.policy_checks(head).count("success") == 1
    assert world.pull_request(pull_request.number).status == "approved"


def a_long_time_passes() -> None:
    """So long that what GitHub said of the teams counts no more."""
    Team.objects.update(confirmed_at=timezone.now() - CONFIRMED_WITHIN - timedelta(minutes=1))


def test_the_first_look_after_a_long_time_without_github_refuses_nothing(world: World) -> None:
    pull_request = approved(world)
    a_long_time_passes()
    assert look(world.project, pull_request.number).status == "approved"
    checks = world.policy_checks(pull_request.head_sha)
    assert "failure" not in checks
    assert checks.count("success") == 1


def test_while_nobody_says_who_is_in_the_teams_the_check_is_neither_green_nor_red(world: World) -> None:
    pull_request = approved(world)
    a_long_time_passes()
    breaks(world, E.FAIL_BEFORE, "POST", "/api/graphql", body="organization(login", times=None)
    assert look(world.project, pull_request.number).status == "unreadable"
    assert world.policy_checks(pull_request.head_sha)[-1] == "in_progress"
    with pytest.raises(Denied):
        merge(world, pull_request)
    inside(world).faults.take_back()
    in_the_end(world, lambda: world.policy_checks(pull_request.head_sha)[-1] == "success", "the green check")
    assert "failure" not in world.policy_checks(pull_request.head_sha)


def test_teams_that_cannot_be_read_are_asked_for_once_however_many_pull_requests_wait(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("one", "other", "third"):
        world.push(name, {f"study/{name}.py": "x = 1\n"}, login="researcher")
        body = {"title": name, "head": name, "base": "main"}
        world.api("POST", f"/repos/{CODE_REPO}/pulls", as_="researcher", body=body)
    world.pass_again()
    a_long_time_passes()
    breaks(world, E.FAIL_BEFORE, "POST", "/api/graphql", body="organization(login", times=None)
    judge_open(subject_of(world.project))
    assert [each.message.split(":")[0] for each in caplog.records if each.levelname == "WARNING"] == [
        "Who is in the teams of north-health could not be read"
    ]


def test_an_organization_that_cannot_be_read_takes_nobody_from_the_teams_of_another(world: World) -> None:
    away = team_row("elsewhere/controllers")
    read_teams([away.path, "north-health/heart-controllers"])
    held = Team.objects.get(path="north-health/heart-controllers")
    assert held.members.exists()
    assert not Team.objects.get(pk=away.pk).members.exists()


def test_what_a_used_up_hour_kept_from_being_read_is_read_later(world: World) -> None:
    pull_request = opened(world)
    path = f"/repos/{CODE_REPO}/pulls/{pull_request.number}"
    world.api("PATCH", path, as_="researcher", body={"title": "Another title", "state": "closed"})
    breaks(world, E.PRIMARY_LIMIT, "POST", "/api/graphql", times=2)
    with pytest.raises(GitHubUnavailable):
        actions.close(pull_request=pull_request, by=world.person("researcher"))
    now = lambda: in_the_portal(world, pull_request.number) == on_github(world, pull_request.number)  # noqa: E731
    in_the_end(world, now, "the rows as GitHub has them")
    assert world.pull_request(pull_request.number).state == "closed"
