"""An act whose outcome nobody saw is unknown until it is looked up; then it stands once, or not at all."""

from __future__ import annotations

import pytest

from governance import actions
from governance.github.errors import OutcomeUnknown
from governance.models import PullRequest, RemoteAct
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
    world.pass_again()
    assert RemoteAct.objects.get(kind="approve").state == "done"
    assert world.pull_request(pull_request.number).reviews.count() == 1
    assert world.pull_request(pull_request.number).status == "approved"


def test_a_check_that_could_not_be_posted_is_posted_by_the_next_pass(world: World) -> None:
    pull_request = opened(world)
    world.line.lose_request("POST /check-runs")
    with pytest.raises(OutcomeUnknown):
        look(world.project, _approved_elsewhere(world, pull_request))
    world.pass_again()
    assert world.policy_checks(pull_request.head_sha)[-1] == "success"


def _approved_elsewhere(world: World, pull_request: PullRequest) -> int:
    path = f"/repos/{CODE_REPO}/pulls/{pull_request.number}/reviews"
    body = {"event": "APPROVE", "commit_id": pull_request.head_sha}
    world.api("POST", path, as_="controller", body=body)
    return pull_request.number
