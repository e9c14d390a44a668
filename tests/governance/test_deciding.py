"""From a request to its merge: who may decide, what an approval binds, and what moves in between."""

from __future__ import annotations

import pytest

from governance import actions
from governance.models import AuditEvent, PullRequest, RemoteAct
from governance.verdicts import look
from jobs.models import JobRequest, Lane
from lockgate.errors import Conflict, Denied, LockgateError
from tests.governance.world import CODE_REPO, World, a_request

pytestmark = pytest.mark.django_db


def opened(world: World) -> PullRequest:
    """A request by the researcher, its checks green."""
    found = actions.open_request(project=world.project, request=a_request(), by=world.person("researcher"))
    assert found is not None
    world.checks_pass(found)
    return look(world.project, found.number)


def approved(world: World) -> PullRequest:
    pull_request = opened(world)
    return actions.approve(
        pull_request=pull_request, head=pull_request.head_sha, by=world.person("controller")
    )


def test_a_request_is_opened_in_the_researchers_own_name(world: World) -> None:
    pull_request = opened(world)
    assert pull_request.author.login == "researcher"
    assert pull_request.kind == "job_request"
    assert pull_request.verdict["problems"] == []
    assert pull_request.pushers == pull_request.commit_authors == [1001]
    assert JobRequest.objects.get().pull_request == pull_request


def test_the_check_turns_green_with_the_quorum_and_not_before(world: World) -> None:
    pull_request = opened(world)
    assert pull_request.status == "waiting"
    assert set(world.policy_checks(pull_request.head_sha)) == {"in_progress"}
    pull_request = approved(world)
    assert pull_request.status == "approved", pull_request.decision
    assert world.policy_checks(pull_request.head_sha)[-1] == "success"


def test_a_controller_merges_what_is_approved(world: World) -> None:
    pull_request = approved(world)
    done = actions.merge(pull_request=pull_request, head=pull_request.head_sha, by=world.person("controller"))
    assert not done.already
    assert done.pull_request.state == "merged"
    assert done.pull_request.merged_by.login == "controller"
    assert [lane.state for lane in Lane.objects.all()] == ["waiting_for_node"]


def test_merge_pressed_twice_merges_once(world: World) -> None:
    pull_request = approved(world)
    first = actions.merge(
        pull_request=pull_request, head=pull_request.head_sha, by=world.person("controller")
    )
    second = actions.merge(
        pull_request=pull_request, head=pull_request.head_sha, by=world.person("controller-2")
    )
    assert second.already
    assert second.pull_request.merge_sha == first.pull_request.merge_sha
    assert RemoteAct.objects.filter(kind="merge").count() == 1


def test_what_is_not_approved_is_not_merged(world: World) -> None:
    pull_request = opened(world)
    with pytest.raises(Denied, match="not approved yet"):
        actions.merge(pull_request=pull_request, head=pull_request.head_sha, by=world.person("controller"))
    assert world.pull_request(pull_request.number).state == "open"


def test_an_approval_lapses_with_a_new_head(world: World) -> None:
    pull_request = approved(world)
    file = f"jobs/{pull_request.request}.yaml"
    text = a_request(title="Survival by age and more")
    world.push(pull_request.head_ref, {file: _text(text)}, login="researcher")
    world.pass_again()
    moved = world.pull_request(pull_request.number)
    assert moved.head_sha != pull_request.head_sha
    assert moved.status != "approved"
    assert "success" not in world.policy_checks(moved.head_sha)


def test_a_head_that_moved_between_page_and_press_is_refused_with_what_changed(world: World) -> None:
    pull_request = opened(world)
    seen = pull_request.head_sha
    file = f"jobs/{pull_request.request}.yaml"
    now = world.push(pull_request.head_ref, {file: _text(a_request(title="Another"))}, login="researcher")
    with pytest.raises(Conflict, match=f"moved from {seen[:7]} to {now[:7]}. See what changed."):
        actions.approve(pull_request=pull_request, head=seen, by=world.person("controller"))
    assert world.pull_request(pull_request.number).reviews.count() == 0


def test_nobody_approves_their_own_request(world: World) -> None:
    pull_request = opened(world)
    with pytest.raises(Denied, match="you requested this"):
        actions.approve(pull_request=pull_request, head=pull_request.head_sha, by=world.person("researcher"))


def test_who_pushed_to_the_branch_cannot_approve_it(world: World) -> None:
    pull_request = opened(world)
    file = f"jobs/{pull_request.request}.yaml"
    world.push(pull_request.head_ref, {file: _text(a_request(title="Better"))}, login="controller")
    world.pass_again()
    moved = world.pull_request(pull_request.number)
    with pytest.raises(Denied, match="You cannot approve: you"):
        actions.approve(pull_request=moved, head=moved.head_sha, by=world.person("controller"))


def test_a_researcher_cannot_approve_anothers_request(world: World) -> None:
    pull_request = opened(world)
    with pytest.raises(Denied, match="1 controller of north"):
        actions.approve(
            pull_request=pull_request, head=pull_request.head_sha, by=world.person("researcher-2")
        )


def test_changes_requested_hold_the_merge(world: World) -> None:
    pull_request = approved(world)
    held = actions.request_changes(
        pull_request=pull_request, head=pull_request.head_sha, by=world.person("controller-2"), body="Why?"
    )
    assert held.status == "refused"
    assert world.policy_checks(held.head_sha)[-1] == "failure"


def test_every_act_is_an_audit_row_in_the_persons_name(world: World) -> None:
    pull_request = approved(world)
    actions.comment(pull_request=pull_request, body="Thank you.", by=world.person("researcher"))
    actions.merge(pull_request=pull_request, head=pull_request.head_sha, by=world.person("controller"))
    told = set(AuditEvent.objects.values_list("login", "action"))
    assert {
        ("researcher", "open_request"),
        ("controller", "approve"),
        ("researcher", "comment"),
        ("controller", "merge"),
        ("lockgate", "policy.decided"),
    } <= told


def test_of_two_open_pull_requests_on_one_head_the_worst_is_posted(world: World) -> None:
    """A second one from the same commit to another base has no approval: neither may turn green."""
    pull_request = approved(world)
    world.push("elsewhere", {"note.txt": "x"}, login="maintainer")
    body = {"title": "Twin", "head": pull_request.head_ref, "base": "elsewhere", "body": ""}
    world.api("POST", f"/repos/{CODE_REPO}/pulls", as_="researcher", body=body)
    world.pass_again()
    world.pass_again()
    assert world.policy_checks(pull_request.head_sha)[-1] == "failure"
    with pytest.raises(LockgateError):
        actions.merge(pull_request=pull_request, head=pull_request.head_sha, by=world.person("controller"))
    assert world.pull_request(pull_request.number).state == "open"


def test_a_merge_past_the_gate_never_turns_green(world: World) -> None:
    pull_request = opened(world)
    world.api("DELETE", f"/repos/{CODE_REPO}/branches/main/protection", as_="maintainer")
    world.api("PUT", f"/repos/{CODE_REPO}/pulls/{pull_request.number}/merge", as_="maintainer", body={})
    world.api(
        "POST",
        f"/repos/{CODE_REPO}/pulls/{pull_request.number}/reviews",
        as_="controller",
        body={"event": "APPROVE", "commit_id": pull_request.head_sha},
    )
    world.pass_again()
    assert world.pull_request(pull_request.number).state == "merged"
    assert "success" not in world.policy_checks(pull_request.head_sha)


def _text(request: object) -> str:
    from lockgate.formats import write_job_request

    return write_job_request(request).decode()  # type: ignore[arg-type]
