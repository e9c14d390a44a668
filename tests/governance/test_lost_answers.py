"""An act whose outcome nobody saw is unknown until it is looked up; then it stands once, or not at all."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from django.utils import timezone
from githubkit.exception import RequestError, RequestFailed
from githubkit.response import Response

from governance import actions
from governance.acts import settle
from governance.github import reader
from governance.github.connection import translated
from governance.github.errors import GitHubUnavailable, OutcomeUnknown, RateLimited
from governance.models import AuditEvent, Outgoing, PullRequest, RemoteAct, UserToken, Work
from governance.verdicts import look
from lockgate.errors import Conflict
from tests.governance.test_deciding import approved, opened
from tests.governance.world import CODE_REPO, World, a_request

pytestmark = pytest.mark.django_db

GAPS = {
    "after the branch": "POST /git/refs",
    "after the commit": "POST /api/graphql",
    "after the pull request": "POST /pulls",
}


@pytest.mark.parametrize("call", GAPS.values(), ids=GAPS.keys())
@pytest.mark.parametrize("lost", ["answer", "request"])
def test_a_request_whose_sending_broke_off_is_finished_once(world: World, lost: str, call: str) -> None:
    getattr(world.line, f"lose_{lost}")(call)
    with pytest.raises(OutcomeUnknown, match="did not confirm"):
        actions.open_request(project=world.project, request=a_request(), by=world.person("researcher"))
    assert RemoteAct.objects.get(kind="open_request").state == "unknown"
    world.pass_again()
    assert RemoteAct.objects.get(kind="open_request").state == "done"
    pulls = world.api("GET", f"/repos/{CODE_REPO}/pulls?state=all", as_="researcher")
    assert [pull["user"]["login"] for pull in pulls] == ["researcher"]
    assert PullRequest.objects.get(project=world.project).commit_authors == [1001]


@pytest.mark.parametrize("broke", [httpx.ReadTimeout, httpx.WriteTimeout, httpx.RemoteProtocolError])
def test_a_write_that_was_sent_and_not_answered_is_unknown_and_a_read_is_not(
    broke: type[httpx.TransportError],
) -> None:
    error = RequestError(broke("no answer"))
    assert isinstance(translated(error, writes=True), OutcomeUnknown)
    assert isinstance(translated(error, writes=False), GitHubUnavailable)


def refused(status: int, said: str, **headers: str) -> RequestFailed:
    asked = httpx.Request("GET", "https://github.example/")
    return RequestFailed(Response(httpx.Response(status, text=said, headers=headers, request=asked), dict))


@pytest.mark.parametrize("said", ["<h1>Away</h1>", '"away"', "{}"])
def test_a_write_that_met_a_server_that_is_away_is_unknown_and_a_read_waits_as_long_as_it_says(
    said: str,
) -> None:
    error = refused(503, said, **{"retry-after": "120"})
    assert isinstance(translated(error, writes=True), OutcomeUnknown)
    waits = translated(error, writes=False)
    assert isinstance(waits, RateLimited)
    assert waits.until > timezone.now() + timedelta(seconds=110)
    assert not isinstance(translated(refused(503, said), writes=False), RateLimited)


def test_an_answer_that_is_not_of_github_tells_nothing_and_what_was_asked_for_is_looked_up(
    world: World,
) -> None:
    world.line.garble_answer("POST /api/graphql")
    with pytest.raises(GitHubUnavailable):
        reader().repository(CODE_REPO)
    world.line.garble_answer("POST /git/refs")
    with pytest.raises(OutcomeUnknown, match="did not confirm"):
        actions.open_request(project=world.project, request=a_request(), by=world.person("researcher"))
    world.pass_again()
    assert RemoteAct.objects.get(kind="open_request").state == "done"


def test_a_write_that_was_never_sent_was_not_done() -> None:
    assert isinstance(translated(RequestError(httpx.ConnectTimeout("none")), writes=True), GitHubUnavailable)


def test_an_opening_that_was_killed_is_finished_without_its_sender(world: World) -> None:
    world.line.lose_answer("POST /git/refs")
    with pytest.raises(OutcomeUnknown):
        actions.open_request(project=world.project, request=a_request(), by=world.person("researcher"))
    killed = {"state": "recorded", "recorded_at": timezone.now() - timedelta(minutes=3)}
    RemoteAct.objects.filter(kind="open_request").update(**killed)
    Work.objects.filter(kind="settle_act").delete()
    world.pass_again()
    assert RemoteAct.objects.get(kind="open_request").state == "done"
    assert PullRequest.objects.get(project=world.project).author.login == "researcher"


@pytest.mark.parametrize(("lost", "state"), [("answer", "done"), ("request", "failed")])
def test_an_opening_whose_sender_has_no_sign_in_any_more_is_looked_up_by_the_app(
    world: World, lost: str, state: str
) -> None:
    getattr(world.line, f"lose_{lost}")("POST /pulls")
    with pytest.raises(OutcomeUnknown):
        actions.open_request(project=world.project, request=a_request(), by=world.person("researcher"))
    UserToken.objects.all().delete()
    world.pass_again()
    act = RemoteAct.objects.get(kind="open_request")
    assert act.state == state
    sent = actions.open_request(project=world.project, request=a_request(), by=world.person("researcher"))
    assert sent is not None
    assert PullRequest.objects.get(project=world.project).number == sent.number


def test_a_merge_that_nobody_saw_is_looked_up_and_not_repeated(world: World) -> None:
    pull_request = approved(world)
    world.line.lose_answer("PUT /merge")
    with pytest.raises(OutcomeUnknown, match="do not repeat it"):
        actions.merge(pull_request=pull_request, head=pull_request.head_sha, by=world.person("controller"))
    world.pass_again()
    act = RemoteAct.objects.get(kind="merge")
    merged = world.pull_request(pull_request.number)
    assert (act.state, act.outcome) == ("done", {"merge": merged.merge_sha})
    assert merged.state == "merged"


def test_a_merge_that_never_arrived_is_found_not_to_have_happened(world: World) -> None:
    pull_request = approved(world)
    world.line.lose_request("PUT /merge")
    controller = world.person("controller")
    with pytest.raises(OutcomeUnknown):
        actions.merge(pull_request=pull_request, head=pull_request.head_sha, by=controller)
    with pytest.raises(Conflict, match="controller pressed merge already"):
        actions.merge(pull_request=pull_request, head=pull_request.head_sha, by=world.person("controller-2"))
    world.pass_again()
    assert RemoteAct.objects.get(kind="merge").state == "failed"
    again = actions.merge(pull_request=pull_request, head=pull_request.head_sha, by=controller)
    assert again.pull_request.state == "merged"


def test_an_approval_that_nobody_saw_counts_once(world: World) -> None:
    pull_request = opened(world)
    world.line.lose_answer("POST /reviews")
    with pytest.raises(OutcomeUnknown):
        actions.approve(pull_request=pull_request, head=pull_request.head_sha, by=world.person("controller"))
    as_a_slower_worker_read_it = RemoteAct.objects.get(kind="approve")
    world.pass_again()
    assert RemoteAct.objects.get(kind="approve").state == "done"
    assert not settle(as_a_slower_worker_read_it, "failed", "what it did not find in time")
    assert as_a_slower_worker_read_it.state == RemoteAct.objects.get(kind="approve").state == "done"
    assert not AuditEvent.objects.filter(action="approve.failed").exists()
    assert world.pull_request(pull_request.number).reviews.count() == 1
    assert world.pull_request(pull_request.number).status == "approved"


@pytest.mark.parametrize("lost", ["answer", "request"])
def test_a_check_of_unknown_outcome_is_looked_up_and_stands_once(world: World, lost: str) -> None:
    pull_request = opened(world)
    getattr(world.line, f"lose_{lost}")("POST /check-runs")
    look(world.project, _approved_elsewhere(world, pull_request))
    assert RemoteAct.objects.filter(kind="post_check", state="unknown").count() == 1
    world.pass_again()
    assert not RemoteAct.objects.filter(kind="post_check", state="unknown").exists()
    assert world.policy_checks(pull_request.head_sha).count("success") == 1
    assert not Outgoing.objects.exists()


def _approved_elsewhere(world: World, pull_request: PullRequest) -> int:
    path = f"/repos/{CODE_REPO}/pulls/{pull_request.number}/reviews"
    body = {"event": "APPROVE", "commit_id": pull_request.head_sha}
    world.api("POST", path, as_="controller", body=body)
    return pull_request.number
