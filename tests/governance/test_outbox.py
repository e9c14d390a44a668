"""The outbox: what the App writes on GitHub goes one by one, in time, and never stale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as configured
from django.utils import timezone
from pytest_django import Settings

from governance import actions, outbox
from governance.github import pace
from governance.github.errors import GitHubUnavailable
from governance.models import Outgoing, Pace, PullRequest, RemoteAct, Work
from governance.verdicts import look
from governance.work import NotYet, run_due
from tests.governance.seed import ORGANIZATION
from tests.governance.test_deciding import approved, opened
from tests.governance.test_side_by_side import side_by_side
from tests.governance.test_webhooks import open_on_github
from tests.governance.world import CODE_REPO, World

pytestmark = pytest.mark.django_db


def apart(changed: Settings, seconds: float) -> None:
    changed.LOCKGATE = replace(configured.LOCKGATE, github_writes_apart=seconds)


def time_goes_by() -> None:
    """As if everybody had waited long enough."""
    Pace.objects.update(writes_from=timezone.now())


def review_on_github(world: World, pull_request: PullRequest, login: str, event: str) -> None:
    path = f"/repos/{CODE_REPO}/pulls/{pull_request.number}/reviews"
    world.api("POST", path, as_=login, body={"event": event, "body": "On GitHub."})


def waiting_check(world: World, changed: Settings) -> PullRequest:
    """A request whose check is to turn green, and whose installation has just written something."""
    pull_request = opened(world)
    apart(changed, 30)
    with pace.turn(ORGANIZATION) as turn:
        turn.use()
    review_on_github(world, pull_request, "controller", "APPROVE")
    decided = look(world.project, pull_request.number)
    assert decided.status == "approved"
    return decided


def test_two_writes_of_an_installation_are_some_time_apart(world: World, settings: Settings) -> None:
    pull_request = waiting_check(world, settings)
    world.catch_up()
    assert "success" not in world.policy_checks(pull_request.head_sha)
    later = timezone.now() + timedelta(seconds=20)
    assert Work.objects.get(kind="outbox", subject=ORGANIZATION).due_at > later
    time_goes_by()
    world.pass_again()
    assert world.policy_checks(pull_request.head_sha)[-1] == "success"


@pytest.mark.django_db(transaction=True)
def test_of_many_processes_one_has_the_turn() -> None:
    had: list[str] = []

    def take() -> None:
        try:
            with pace.turn("somebody"):
                had.append("turn")
        except NotYet:
            had.append("not yet")

    with pace.turn("somebody"):
        side_by_side(4, take)
    assert had == ["not yet"] * 4


def test_who_died_with_the_turn_holds_it_for_its_lease_and_no_longer() -> None:
    now = timezone.now()
    Pace.objects.create(owner="somebody", writes_from=now, leased_until=now + timedelta(seconds=30))
    with pytest.raises(NotYet), pace.turn("somebody"):
        pass
    Pace.objects.update(leased_until=now - timedelta(seconds=1))
    with pace.turn("somebody") as turn:
        assert not turn.used


class SlowlyPlanned:
    """A write that takes longer to settle than a turn lasts, so that another process makes one meanwhile."""

    gives_up = True

    def __init__(self, pull_request: PullRequest) -> None:
        self.pull_request, self.is_slow, self.sent = pull_request, True, list[str]()

    def plan(self, target: Mapping[str, Any]) -> outbox.Plan:
        if self.is_slow:
            Pace.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
            with pace.turn(ORGANIZATION) as other:
                other.use()
        return outbox.Plan(RemoteAct.Kind.UPDATE_BRANCH, self.pull_request, target, self.send)

    def send(self, act: str) -> outbox.Outcome:
        self.sent.append(act)
        return {}

    def find(self, act: RemoteAct) -> None:
        raise AssertionError(f"{act} was never tried.")

    def done(self, act: RemoteAct) -> None:
        assert str(act.pk) in self.sent


def test_whose_turn_ended_before_it_could_write_writes_nothing_and_takes_another(
    world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = SlowlyPlanned(look(world.project, open_on_github(world)))
    monkeypatch.setitem(outbox.WRITERS, "slow", slow)
    apart(settings, 30)
    outbox.put("slow", "x", owner=ORGANIZATION, target={})
    assert outbox.send_now("slow", "x") is None
    assert slow.sent == []
    assert Pace.objects.get().writes_from > timezone.now() + timedelta(seconds=20)
    slow.is_slow = False
    time_goes_by()
    world.pass_again()
    assert len(slow.sent) == 1
    assert not Outgoing.objects.exists()


def test_of_two_decisions_that_wait_only_the_newer_is_posted(world: World, settings: Settings) -> None:
    pull_request = waiting_check(world, settings)
    review_on_github(world, pull_request, "controller-2", "REQUEST_CHANGES")
    assert look(world.project, pull_request.number).status == "refused"
    assert Outgoing.objects.count() == 1
    time_goes_by()
    world.pass_again()
    assert world.policy_checks(pull_request.head_sha)[-1] == "failure"
    assert "success" not in world.policy_checks(pull_request.head_sha)


def test_what_waited_until_the_merge_is_never_posted(world: World, settings: Settings) -> None:
    """Merged past the portal, which has not heard of it: what it wrote would turn that merge green."""
    pull_request = waiting_check(world, settings)
    world.api("DELETE", f"/repos/{CODE_REPO}/branches/main/protection", as_="maintainer")
    world.api("PUT", f"/repos/{CODE_REPO}/pulls/{pull_request.number}/merge", as_="maintainer", body={})
    PullRequest.objects.update(read_at=timezone.now() - timedelta(seconds=20))
    time_goes_by()
    Work.objects.exclude(kind="outbox").delete()  # nobody looks before its turn comes
    Work.objects.update(due_at=timezone.now())
    run_due(seconds=20)
    assert not Outgoing.objects.exists()
    assert "success" not in world.policy_checks(pull_request.head_sha)
    assert world.pull_request(pull_request.number).state == "merged"


def test_a_merge_waits_for_the_check_and_is_not_tried_without_it(world: World, settings: Settings) -> None:
    pull_request = waiting_check(world, settings)
    controller = world.person("controller")
    with pytest.raises(GitHubUnavailable, match="Lockgate's own check is not on GitHub yet"):
        actions.merge(pull_request=pull_request, head=pull_request.head_sha, by=controller)
    assert not RemoteAct.objects.filter(kind="merge").exists()
    Pace.objects.update(writes_from=timezone.now() + timedelta(milliseconds=300))
    done = actions.merge(pull_request=pull_request, head=pull_request.head_sha, by=controller)
    assert done.pull_request.state == "merged"


def test_a_process_that_died_while_it_wrote_is_looked_up(world: World) -> None:
    pull_request = opened(world)
    world.line.lose_answer("POST /check-runs")
    review_on_github(world, pull_request, "controller", "APPROVE")
    look(world.project, pull_request.number)
    RemoteAct.objects.filter(kind="post_check", state="unknown").update(state="recorded")
    world.pass_again()
    assert set(RemoteAct.objects.filter(kind="post_check").values_list("state", flat=True)) == {"done"}
    assert world.policy_checks(pull_request.head_sha).count("success") == 1


def test_what_github_refuses_comes_back_with_growing_pauses_and_its_reason(world: World) -> None:
    pull_request = approved(world)
    review_on_github(world, pull_request, "controller-2", "REQUEST_CHANGES")
    for attempts in (1, 2):
        world.line.refuse("POST /check-runs", 403, {})
        look(world.project, pull_request.number)
        row = Outgoing.objects.get()
        assert (row.attempts, row.attempt) == (attempts, None)
        assert row.due_at > timezone.now() + timedelta(seconds=2**attempts - 1)
        assert "GitHub does not allow this" in row.problem
    look(world.project, pull_request.number)
    assert world.policy_checks(pull_request.head_sha)[-1] == "failure"
