"""What moves between a look and a decision: the base, the head, the facts, another process."""

from __future__ import annotations

import pytest
from django.utils import timezone

from governance.facts import gather
from governance.github import reader
from governance.github.connection import graphql_error
from governance.github.errors import GitHubDenied, GitHubUnavailable, OutcomeUnknown
from governance.mirrors import mirror
from governance.models import PullRequest
from governance.projection import refresh
from governance.projection.pull_requests import write
from governance.verdicts import judge, look, post
from lockgate.policy import Status, decide
from tests.governance.test_deciding import approved, opened
from tests.governance.test_side_by_side import side_by_side
from tests.governance.world import CODE_REPO, World, a_request, request_file

pytestmark = pytest.mark.django_db


def retarget(world: World, pull_request: PullRequest, base: str) -> None:
    world.api(
        "PATCH", f"/repos/{CODE_REPO}/pulls/{pull_request.number}", as_="researcher", body={"base": base}
    )


def test_an_approval_for_another_base_does_not_count_when_both_are_read_at_once(world: World) -> None:
    """On GitHub the controller saw what differs from another branch; then the author turned it to main."""
    pull_request = opened(world)
    world.push("beside", {"notes.txt": "of the researcher"}, login="researcher")
    retarget(world, pull_request, "beside")
    look(world.project, pull_request.number)
    review = {"event": "APPROVE", "commit_id": pull_request.head_sha}
    path = f"/repos/{CODE_REPO}/pulls/{pull_request.number}/reviews"
    world.api("POST", path, as_="controller", body=review)
    retarget(world, pull_request, "main")
    fresh = look(world.project, pull_request.number)
    assert fresh.status == "waiting", fresh.decision
    assert "it cannot be told what it was given for" in str(fresh.decision)
    assert "success" not in world.policy_checks(fresh.head_sha)


def test_the_policy_is_that_of_main_as_it_is_now(world: World) -> None:
    pull_request = approved(world)
    other = a_request(id="2026-11-23-another-one-k3fa")
    world.push("request/other", request_file(other), login="researcher")
    body = {"title": "Another", "head": "request/other", "base": "main"}
    number = world.api("POST", f"/repos/{CODE_REPO}/pulls", as_="researcher", body=body)["number"]
    world.checks_pass(look(world.project, number))
    path = f"/repos/{CODE_REPO}/pulls/{number}"
    world.api("POST", f"{path}/reviews", as_="controller", body={"event": "APPROVE"})
    look(world.project, number)
    merge = world.api("PUT", f"{path}/merge", as_="controller", body={})["sha"]
    look(world.project, pull_request.number)
    assert mirror(CODE_REPO).tip("main") == merge


def test_a_verdict_of_the_gate_does_not_outlive_its_merge_base(world: World) -> None:
    pull_request = approved(world)
    pull_request.merge_base = "1" * 40
    leaves = {leaf.rule: leaf.status for leaf in decide(gather(pull_request)).children}
    assert leaves["gate"] is Status.WAITING


def test_a_new_head_has_no_decision_until_it_is_decided_on(world: World) -> None:
    pull_request = approved(world)
    world.push(pull_request.head_ref, {"notes.txt": "more"}, login="researcher")
    moved = refresh(world.project, pull_request.number)
    assert moved is not None
    assert (moved.status, moved.decision) == ("", None)


def test_who_read_earlier_decides_on_what_was_read_later(world: World) -> None:
    read_earlier = approved(world)
    PullRequest.objects.filter(pk=read_earlier.pk).update(unknown_pusher=True)
    assert judge(read_earlier).status == "refused"
    assert world.policy_checks(read_earlier.head_sha)[-1] == "failure"


def test_a_reading_begun_before_a_check_was_posted_does_not_have_it_posted_again(world: World) -> None:
    pull_request = opened(world)
    review = {"event": "APPROVE", "commit_id": pull_request.head_sha}
    path = f"/repos/{CODE_REPO}/pulls/{pull_request.number}/reviews"
    world.api("POST", path, as_="controller", body=review)
    refresh(world.project, pull_request.number)
    asked_at, held = timezone.now(), reader().pull_request(CODE_REPO, pull_request.number)
    assert held is not None
    judge(pull_request)
    post(write(world.project, held, asked_at))
    assert world.policy_checks(pull_request.head_sha).count("success") == 1
    assert pull_request.checks.filter(name="lockgate/policy", conclusion="success").exists()


@pytest.mark.django_db(transaction=True)
def test_of_several_who_post_on_a_head_the_later_see_what_the_first_posted(world: World) -> None:
    pull_request = opened(world)
    pull_request.checks.filter(name="lockgate/policy").delete()
    before = len(world.policy_checks(pull_request.head_sha))
    side_by_side(4, lambda: post(pull_request))
    assert len(world.policy_checks(pull_request.head_sha)) == before + 1


def test_what_protection_forbids_is_denied_and_what_github_does_not_name_is_not_a_refusal() -> None:
    forbidden = {"type": "BRANCH_PROTECTION_RULE_VIOLATION", "message": "protected"}
    assert isinstance(graphql_error([forbidden], writes=True), GitHubDenied)
    failed = {"message": "Something went wrong. This may be the result of a timeout."}
    assert isinstance(graphql_error([failed], writes=True), OutcomeUnknown)
    assert isinstance(graphql_error([failed], writes=False), GitHubUnavailable)
