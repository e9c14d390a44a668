"""What is read as agreement and what is not, row by row, and that a crowd hides nobody."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group

from governance.models import (
    CheckRun,
    InboundMessage,
    Node,
    Outgoing,
    Project,
    PullRequest,
    Registration,
    Team,
    Work,
)
from jobs.models import JobRequest, Lane
from lockgate.messages import RunReport, RunsReported
from lockgate.policy import POLICY_CHECK, Decision, Status, conclusion
from portal.reconciliation.findings import Code, Finding
from portal.reconciliation.reading import read_facts
from portal.reconciliation.reading.trouble import work_of_none
from portal.reconciliation.rules import judge
from publications.models import StoreObject, StoreReading
from tests.pages import world as pages
from tests.pages.said import APPROVED
from tests.pages.world import World
from tests.reconciliation import arrange

LONG_AGO = timedelta(days=2)


@pytest.fixture
def agreed(world: World) -> World:
    arrange.agree(world)
    assert found(world) == []
    return world


def found(world: World, *projects: Project) -> list[Finding]:
    """Of the first project, however many are read with it."""
    here = [Project.objects.get(pk=each.pk) for each in projects or (world.project,)]
    return list(judge(read_facts(here, world.now)[0], world.now))


def codes(world: World, *projects: Project) -> list[Code]:
    return [each.code for each in found(world, *projects)]


def project(world: World, name: str) -> Project:
    """Another one, on the same node and of the same teams, where all agree."""
    said = {"confirmed_at": world.now, "governance": world.project.governance, "main_sha": "1" * 40}
    made = Project.objects.create(name=name, code_repo=f"org/{name}", **said)
    row = Registration.objects.create(project=made, node=world.node, runs_reported_at=world.now)
    StoreReading.objects.create(registration=row, read_at=world.now)
    return made


def south(world: World) -> Node:
    """A second node of the project."""
    said = {"app_id": 9, "app_slug": "s", "app_account": 9, "message_key": "A" * 44, "portal_app_id": 3001}
    node = Node.objects.create(name="south", repo="s/s", confirmed_at=world.now, **said)
    row = Registration.objects.create(project=world.project, node=node, runs_reported_at=world.now)
    StoreReading.objects.create(registration=row, read_at=world.now)
    return node


def decided(world: World, decision: Decision, posted: str, **said: object) -> PullRequest:
    """An open pull request on which GitHub shows this word for nine minutes."""
    row = pages.request(world, f"2026-11-21-{PullRequest.objects.count()}-a1b2", decision=decision, **said)
    change = row.pull_request
    assert change is not None
    PullRequest.objects.filter(pk=change.pk).update(decided_at=world.now - timedelta(minutes=9))
    open_ended = posted == "in_progress"
    CheckRun.objects.create(
        pull_request=change,
        remote_id=9000 + change.number,
        head_sha=change.head_sha,
        name=POLICY_CHECK,
        app_id=3001,
        status=posted if open_ended else "completed",
        conclusion="" if open_ended else posted,
    )
    return change


UNREADABLE = Decision(
    Status.UNREADABLE,
    "policy",
    "Not read.",
    (Decision(Status.UNREADABLE, "quorum", "Not read.", acts="Lockgate"),),
)


@pytest.mark.parametrize("decision", [UNREADABLE, APPROVED, Decision(Status.REFUSED, "policy", "No.")])
def test_a_check_that_says_what_is_posted_for_its_decision_agrees(decision: Decision, agreed: World) -> None:
    decided(agreed, decision, conclusion(decision), head_sha=arrange.new_head())
    assert codes(agreed) == []
    other = "failure" if conclusion(decision) != "failure" else "success"
    decided(agreed, decision, other, head_sha=arrange.new_head())
    assert codes(agreed) == [Code.CHECK_NOT_POSTED]


def test_nothing_is_missed_on_a_head_that_was_merged_in_another_pull_request(agreed: World) -> None:
    head = arrange.new_head()
    decided(agreed, APPROVED, "in_progress", head_sha=head)
    assert codes(agreed) == [Code.CHECK_NOT_POSTED]
    arrange.merged(agreed, "same-head", head_sha=head)
    assert Code.CHECK_NOT_POSTED not in codes(agreed)


@pytest.mark.parametrize("has_lane", [False, True])
def test_a_run_on_a_node_that_the_merged_request_does_not_name_is_without_a_merge(
    has_lane: bool, agreed: World
) -> None:
    row = arrange.merged(agreed, "elsewhere")
    Lane.objects.create(request=row, node=south(agreed), state="running", since=agreed.now)
    JobRequest.objects.filter(pk=row.pk).update(nodes=["south"])
    assert codes(agreed) == []
    if has_lane:
        pages.lane(agreed, row, "running")
    else:
        arrange.told(agreed, row.slug)
    (stray,) = found(agreed)
    assert (stray.code, stray.github) == (Code.RUN_WITHOUT_MERGE, "No pull request asks for it there.")


def test_the_runs_of_one_project_hide_none_of_another(agreed: World) -> None:
    arrange.told(agreed, *[f"2026-11-20-n{number}-a1b2" for number in range(30)])
    pages.lane(agreed, pages.request(agreed, head_sha=arrange.new_head()), "running")
    other = project(agreed, "other_study")
    run = RunReport("bad", "1", "1", "STARTED", agreed.now - timedelta(minutes=9), None, None, None)
    body = RunsReported("other_study", None, agreed.now, (run,))
    said = {"kind": body.kind, "body": json.loads(json.dumps(body.to_body())), "sent_at": agreed.now}
    InboundMessage.objects.create(sender="node.north", number=50, **said)
    assert codes(agreed, other, agreed.project) == [Code.RUN_WITHOUT_MERGE]
    assert len(found(agreed, agreed.project, other)) == 25
    (facts,) = read_facts([agreed.project], agreed.now)
    assert (len(facts.runs.shown), facts.runs.left) == (25, 6)


def test_the_failures_of_others_hide_none_of_a_project_and_none_of_no_project(agreed: World) -> None:
    late = {"attempts": 6, "due_at": agreed.now - timedelta(hours=1)}
    now = {"attempts": 6, "due_at": agreed.now}
    Work.objects.bulk_create(Work(kind="look", subject=f"project:gone:{n}", **late) for n in range(260))
    Outgoing.objects.bulk_create(
        Outgoing(kind="post_check", key=f"org/gone:{number}", owner="org", **late) for number in range(260)
    )
    Work.objects.create(kind="look", subject="project:heart_study:1", **now)
    Work.objects.create(kind="teams", subject="north-health", **now)
    Outgoing.objects.create(kind="post_check", key=f"{agreed.project.code_repo}:1", owner="org", **now)
    assert codes(agreed) == [Code.WRITE_FAILS, Code.WORK_FAILS]
    assert [row.subject for row in work_of_none()] == ["north-health"]


def test_a_project_named_project_has_its_own_work_and_no_other(agreed: World) -> None:
    odd = project(agreed, "project")
    Work.objects.create(kind="list_store", subject="project:north", attempts=6, due_at=agreed.now)
    assert [each.about for each in found(agreed, odd)] == ["project:north"]
    assert codes(agreed, project(agreed, "north")) == []


def strangers(world: World, reading: StoreReading, name: str, count: int, **said: object) -> None:
    times = {"modified_at": world.now - LONG_AGO, "since": world.now - LONG_AGO, "seen_at": world.now} | said
    StoreObject.objects.bulk_create(
        StoreObject(reading=reading, key=f"heart_study/{name}{number}", size=1, **times)
        for number in range(count)
    )


def test_what_a_release_or_its_age_explains_hides_no_object_that_nothing_explains(agreed: World) -> None:
    releasing = StoreReading.objects.get(registration__node=south(agreed))
    quiet = StoreReading.objects.get(registration__node=agreed.node)
    row = arrange.merged(agreed, "out")
    JobRequest.objects.filter(pk=row.pk).update(nodes=["south"])
    Lane.objects.create(request=row, node=releasing.registration.node, state="releasing", since=agreed.now)
    strangers(agreed, releasing, "may-be-of-it", 30)
    strangers(agreed, quiet, "fresh", 30, modified_at=agreed.now, since=agreed.now)
    strangers(agreed, quiet, "alone", 1, since=agreed.now - timedelta(hours=1))
    assert codes(agreed) == [Code.OBJECT_WITHOUT_RELEASE, Code.STORE_UNTOLD]


def test_an_object_that_was_written_in_the_future_is_found(agreed: World) -> None:
    reading = StoreReading.objects.get()
    strangers(agreed, reading, "ahead", 1, modified_at=agreed.now + timedelta(days=3650))
    assert codes(agreed) == [Code.OBJECT_WITHOUT_RELEASE]


def test_a_team_that_the_node_alone_names_is_checked_for_age(agreed: World) -> None:
    Node.objects.update(controllers=["north-health/of-the-node"])
    at = agreed.now - timedelta(hours=3)
    Team.objects.create(
        path="north-health/of-the-node", group=Group.objects.create(name="g"), confirmed_at=at
    )
    assert [each.about for each in found(agreed)] == ["north-health/of-the-node"]


def test_a_merge_that_was_first_seen_too_late_is_told_if_the_portal_knew_the_project(agreed: World) -> None:
    known = agreed.now - timedelta(days=9)
    for days in (10, 4):
        at = agreed.now - timedelta(days=days)
        row = arrange.merged(agreed, f"{days}-days-ago", at=at, head_since=at + LONG_AGO)
        pages.lane(agreed, row, "released")
    seen = arrange.merged(agreed, "seen-open", at=agreed.now - LONG_AGO, head_since=agreed.now - 2 * LONG_AGO)
    pages.lane(agreed, seen, "released")
    assert codes(agreed) == []
    arrange.known_since(agreed, known)
    (late,) = found(agreed)
    assert (late.code, late.number) == (Code.MERGE_UNSEEN, PullRequest.objects.get(request=row.slug).number)
    arrange.record(row, "written", "approved", in_portal=False)
    assert codes(agreed) == []
