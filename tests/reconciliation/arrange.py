"""The world of the pages as all four agree on it, and every way in which they do not."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from governance.deliveries import MISSED
from governance.failed_deliveries import keep
from governance.github.port import Deliveries, MissedDelivery
from governance.models import (
    AuditEvent,
    Bookmark,
    CheckRun,
    DecisionRecord,
    InboundMessage,
    Outgoing,
    Project,
    PullRequest,
    Registration,
    RemoteAct,
    Team,
    Work,
)
from jobs.models import JobRequest, Lane
from lockgate.messages import RunReport, RunsReported
from lockgate.policy import POLICY_CHECK
from publications.models import Publication, PublishedFile, StoreObject, StoreReading
from tests.pages import world as pages
from tests.pages.said import APPROVED
from tests.pages.world import MERGE, World

KEY = "heart_study/files/md5/ab/" + "c" * 30


def agree(world: World) -> None:
    """Every source was read just now, and nothing stands against another."""
    Registration.objects.update(runs_reported_at=world.now)
    for row in Registration.objects.all():
        StoreReading.objects.update_or_create(registration=row, defaults={"read_at": world.now})
    Bookmark.objects.update_or_create(name=MISSED, defaults={"at": world.now})


def silence(world: World) -> None:
    """Nothing was read for a day."""
    then = world.now - timedelta(days=1)
    Project.objects.update(confirmed_at=then)
    Registration.objects.update(runs_reported_at=then)
    world.project.nodes.update(confirmed_at=then)
    Team.objects.update(confirmed_at=then)
    StoreReading.objects.update(read_at=then)
    Bookmark.objects.update(at=then)
    PullRequest.objects.filter(state="open").update(read_at=then)


def merged(world: World, tag: str, **said: object) -> JobRequest:
    return pages.request(world, f"2026-11-20-{tag}-a1b2", state="merged", decision=APPROVED, **said)


def new_head() -> str:
    return f"{PullRequest.objects.count():040x}"


def record(row: JobRequest, state: str, status: str, *, in_portal: bool, problem: str = "") -> None:
    assert row.pull_request is not None
    DecisionRecord.objects.create(
        project="heart_study",
        number=row.pull_request.number,
        state=state,
        status=status,
        in_portal=in_portal,
        problem=problem,
    )


def disagree(world: World, tag: str = "x") -> None:
    """Every disagreement there is, beside the same where all agree."""
    merge_past_and_hold(world, tag)
    records_that_lag(world, tag)
    runs_and_merges(world, tag)
    releases(world, tag)
    troubles(world, tag)


def merge_past_and_hold(world: World, tag: str) -> None:
    unseen(world, tag)
    past = merged(world, f"past-{tag}")
    record(past, "written", "waiting", in_portal=False)
    pages.lane(world, past, "held", reason="Merged without approval: lockgate/policy was not success.")
    fine = merged(world, f"fine-{tag}")
    record(fine, "written", "approved", in_portal=False)
    pages.lane(world, fine, "released")
    released = merged(world, f"release-held-{tag}")
    pages.lane(world, released, "release_held", result=pages.result(world, released, state="merged"))


def unseen(world: World, tag: str) -> None:
    """A merge that the portal, which knows the project for days, first read days later."""
    known_since(world, world.now - timedelta(days=5))
    at = world.now - timedelta(days=4)
    row = merged(world, f"unseen-{tag}", at=at, head_since=at + timedelta(days=2))
    pages.lane(world, row, "released")


def known_since(world: World, at: datetime) -> None:
    """The first row of the project's audit."""
    number = AuditEvent.objects.count() + 1
    said = {"login": "lockgate", "action": "posture.known", "previous": "0" * 64, "hash": f"{number:064}"}
    AuditEvent.objects.create(number=number, at=at, project=world.project.name, subject="main", **said)


def records_that_lag(world: World, tag: str) -> None:
    late, other = merged(world, f"late-{tag}"), merged(world, f"other-{tag}")
    record(late, "pending", "approved", in_portal=True, problem="GitHub did not answer.")
    record(other, "differs", "approved", in_portal=True, problem="GitHub holds another record.")
    for row in (late, other):
        pages.lane(world, row, "running")
    head = new_head()
    approved = pages.request(world, f"2026-11-21-approved-{tag}-a1b2", decision=APPROVED, head_sha=head)
    assert approved.pull_request is not None
    PullRequest.objects.filter(pk=approved.pull_request.pk).update(
        decided_at=world.now - timedelta(minutes=9)
    )
    check = {"name": POLICY_CHECK, "app_id": 3001, "status": "in_progress", "head_sha": head}
    CheckRun.objects.create(pull_request=approved.pull_request, remote_id=1, **check)


def runs_and_merges(world: World, tag: str) -> None:
    waits = merged(world, f"waits-{tag}")
    Lane.objects.create(
        request=waits,
        node=world.node,
        state="waiting_for_node",
        reason="The code location is not loaded.",
        since=world.now - timedelta(hours=2),
    )
    elsewhere = merged(world, f"elsewhere-{tag}")
    JobRequest.objects.filter(pk=elsewhere.pk).update(nodes=["south"])
    unmerged = pages.request(world, f"2026-11-20-unmerged-{tag}-a1b2", head_sha=new_head())
    pages.lane(world, unmerged, "running")
    told(world, f"2026-11-20-nobody-{tag}-a1b2", waits.slug)


def told(world: World, *requests: str) -> None:
    """The node's newest report: a run of each of these requests."""
    at = world.now - timedelta(minutes=20)
    runs = tuple(
        RunReport(slug, f"77{number}aaaa-0000", "77aaaaaa", "STARTED", at, None, None, None)
        for number, slug in enumerate(requests)
    )
    body = RunsReported("heart_study", MERGE, world.now, runs)
    InboundMessage.objects.create(
        sender="node.north",
        number=InboundMessage.objects.count() + 1,
        kind=body.kind,
        body=json.loads(json.dumps(body.to_body())),
        sent_at=world.now,
    )


def releases(world: World, tag: str) -> None:
    early = merged(world, f"early-{tag}")
    pages.lane(world, early, "released")
    publication(world, early, pages.result(world, early, head_sha=new_head()))
    out = merged(world, f"out-{tag}")
    pages.lane(world, out, "released")
    done = publication(world, out, pages.result(world, out, state="merged"))
    for name, seen, size in (
        ("lost.csv", None, None),
        ("other.csv", world.now, 9),
        ("fine.csv", world.now, 48),
    ):
        PublishedFile.objects.create(
            publication=done, path=name, md5="d" * 32, sha256="e" * 64, size=48, seen_at=seen, seen_size=size
        )
    reading = StoreReading.objects.get(registration__project=world.project)
    StoreObject.objects.create(
        reading=reading,
        key=f"{KEY}{tag}",
        size=12,
        modified_at=world.now - timedelta(hours=2),
        since=world.now - timedelta(hours=1),
        seen_at=world.now,
    )


def publication(world: World, row: JobRequest, change: PullRequest) -> Publication:
    return Publication.objects.create(
        pull_request=change,
        project=world.project,
        request=row,
        node=world.node,
        merge_sha=MERGE,
        state="released",
        since=world.now - timedelta(hours=1),
        released_at=world.now - timedelta(hours=1),
    )


def troubles(world: World, tag: str) -> None:
    act = RemoteAct.objects.create(
        kind="merge",
        by=world.people["controller"],
        project=world.project,
        key=f"merge:{tag}",
        target={},
        state="unknown",
    )
    RemoteAct.objects.filter(pk=act.pk).update(recorded_at=world.now - timedelta(minutes=9))
    said = {"attempts": 6, "due_at": world.now, "problem": "GitHub did not answer."}
    Work.objects.create(kind="look", subject=f"project:heart_study:{900 + len(tag)}{tag}", **said)
    Work.objects.create(kind="teams", subject=f"north-health-{tag}", **said)
    key = f"{world.project.code_repo}:{'0' * 39}{tag}:{POLICY_CHECK}"
    Outgoing.objects.create(kind="post_check", key=key, owner="north-health", **said)


def fail_deliveries(world: World, count: int = 2, *, cut: bool = False) -> None:
    """GitHub's list says that these reached nobody."""
    at = world.now - timedelta(minutes=30)
    keep(
        Deliveries(
            tuple(
                MissedDelivery(
                    f"0b989ba4-242f-11e5-81e1-{number:012}",
                    "pull_request",
                    b"{}",
                    number,
                    "failed to connect to host (502)",
                    at + timedelta(seconds=number),
                )
                for number in range(1, count + 1)
            ),
            frozenset(),
            cut=cut,
        )
    )
