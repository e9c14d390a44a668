"""GitHub's limits: read from its answers, kept by everybody who asks with that installation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from governance import actions, github, work
from governance.github.connection import graphql_error
from governance.github.errors import GitHubDenied, RateLimited
from governance.github.limits import free_again, is_limit
from governance.models import Outgoing, Pace, RemoteAct, Work
from governance.verdicts import look
from tests.governance.seed import ORGANIZATION
from tests.governance.test_deciding import opened
from tests.governance.world import CODE_REPO, World

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
RESET = str(int((NOW + timedelta(minutes=20)).timestamp()))
LIMITS = {
    "secondary, with a time": (403, {"retry-after": "90"}, "", timedelta(seconds=90)),
    "primary": (
        403,
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": RESET},
        "API rate limit exceeded",
        timedelta(minutes=20),
    ),
    "too many requests": (429, {"retry-after": "5"}, "", timedelta(seconds=5)),
    "secondary, without a time": (
        403,
        {"x-ratelimit-remaining": "4000", "x-ratelimit-reset": RESET},
        "You have exceeded a secondary rate limit.",
        timedelta(minutes=1),
    ),
    "a time that has gone by": (429, {"retry-after": "0"}, "", timedelta(seconds=1)),
    "a time that is no number": (429, {"retry-after": "soon"}, "", timedelta(minutes=1)),
    "a time beyond all limits": (429, {"retry-after": "9999999"}, "", timedelta(minutes=65)),
}


@pytest.mark.parametrize(("status", "headers", "said", "wait"), LIMITS.values(), ids=LIMITS.keys())
def test_a_limit_says_when_to_ask_again(
    status: int, headers: dict[str, str], said: str, wait: timedelta
) -> None:
    assert is_limit(status, headers, said)
    assert free_again(headers, now=NOW) == NOW + wait


def test_what_is_forbidden_or_fails_is_no_limit() -> None:
    assert not is_limit(403, {"x-ratelimit-remaining": "12"}, "Resource not accessible by integration")
    assert not is_limit(500, {"x-ratelimit-remaining": "0"}, "")
    forbidden = {"type": "FORBIDDEN", "message": "no"}
    assert isinstance(graphql_error([forbidden], writes=True), GitHubDenied)


def test_a_limit_on_a_query_is_one_too() -> None:
    error = graphql_error(
        [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}],
        writes=True,
        headers={"retry-after": "30"},
    )
    assert isinstance(error, RateLimited)
    assert timedelta(seconds=28) < error.until - datetime.now(UTC) < timedelta(seconds=31)


def limit(world: World, call: str, **headers: str) -> None:
    world.line.refuse(call, 403, {"retry-after": "120"} | headers)


@pytest.mark.django_db
def test_every_request_of_the_installation_waits_and_none_is_sent(world: World) -> None:
    limit(world, "POST /api/graphql")
    with pytest.raises(RateLimited, match="takes no more requests until"):
        github.reader().repository(CODE_REPO)
    asked = len(world.line.calls)
    with pytest.raises(RateLimited):
        github.reader().team_members(f"{ORGANIZATION}/maintainers")
    assert len(world.line.calls) == asked
    Pace.objects.update(paused_until=timezone.now())
    assert github.reader().repository(CODE_REPO).default_branch == "main"


@pytest.mark.django_db
def test_work_comes_back_when_the_limit_is_over_and_not_before(world: World) -> None:
    limit(world, "POST /api/graphql")
    work.ask("look", "project:heart_study:1")
    work.run_due(seconds=10, urgent=True)
    row = Work.objects.get(kind="look")
    assert row.due_at > timezone.now() + timedelta(seconds=110)
    assert "takes no more requests until" in row.problem


@pytest.mark.django_db
def test_a_write_that_met_a_limit_waits_with_all_others_and_is_made_once(world: World) -> None:
    pull_request = opened(world)
    path = f"/repos/{CODE_REPO}/pulls/{pull_request.number}/reviews"
    world.api("POST", path, as_="controller", body={"event": "APPROVE"})
    limit(world, "POST /check-runs")
    look(world.project, pull_request.number)
    assert Outgoing.objects.get().due_at > timezone.now() + timedelta(seconds=110)
    assert "success" not in world.policy_checks(pull_request.head_sha)
    Pace.objects.update(paused_until=timezone.now())
    world.pass_again()
    assert world.policy_checks(pull_request.head_sha).count("success") == 1
    assert not Outgoing.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_somebody_who_meets_a_limit_is_told_when_to_try_again_and_nothing_was_done(world: World) -> None:
    pull_request = opened(world)
    world.line.refuse("POST /reviews", 403, {"retry-after": "120"})
    client = Client()
    user = world.person("controller").user
    assert user is not None
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    path = f"/projects/heart_study/changes/{pull_request.number}/approve/"
    page = client.post(path, {"head": pull_request.head_sha})
    assert page.status_code == 503
    assert "GitHub takes no more requests until" in page.content.decode()
    assert 110 < int(page["Retry-After"]) <= 120
    assert RemoteAct.objects.get(kind="approve").state == "failed"
    again = actions.approve(
        pull_request=pull_request, head=pull_request.head_sha, by=world.person("controller")
    )
    assert again.status == "approved"
