"""The projection can be thrown away: a rebuild gives the same rows, and what is the portal's own stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from governance import actions, audit, history
from governance.models import AuditEvent, CheckRun, Comment, Node, PullRequest, RemoteAct, Review, Team
from governance.verdicts import look
from jobs.models import Draft, JobRequest, JobType, Lane
from jobs.runs import runs_reported
from lockgate.messages import RunReport, RunsReported
from tests.governance.projected import differences, projected
from tests.governance.test_deciding import approved
from tests.governance.world import CODE_REPO, World, a_request, request_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def history_made(world: World) -> World:
    """One request merged and run, one open with a review and comments, one closed, and a draft."""
    merged = approved(world)
    actions.merge(pull_request=merged, head=merged.head_sha, by=world.person("controller"))
    opened(world, "2026-11-24-open-one-k3fb", "researcher-2")
    closed = opened(world, "2026-11-25-closed-one-k3fc", "researcher")
    world.api("PATCH", f"/repos/{CODE_REPO}/pulls/{closed}", as_="researcher", body={"state": "closed"})
    Draft.objects.create(owner=world.person("researcher"), project=world.project, job="incidence_by_region")
    world.pass_again()
    world.pass_again()  # reads the checks that the first one posted
    now = timezone.now()
    run = RunReport(a_request().id, "one", "one", "STARTED", now, None, None, None)
    runs_reported(Node.objects.get(), RunsReported("heart_study", "c" * 40, now, (run,)))
    return world


def opened(world: World, slug: str, login: str) -> int:
    request = a_request(login, id=slug)
    world.push(f"request/{slug}", request_file(request), login=login)
    body = {"title": slug, "head": f"request/{slug}", "base": "main"}
    number = int(world.api("POST", f"/repos/{CODE_REPO}/pulls", as_=login, body=body)["number"])
    for text in ("First.", "Second."):
        path = f"/repos/{CODE_REPO}/issues/{number}/comments"
        world.api("POST", path, as_="controller", body={"body": text})
    world.checks_pass(look(world.project, number))
    review = {"event": "COMMENT", "body": "Which regions?"}
    world.api("POST", f"/repos/{CODE_REPO}/pulls/{number}/reviews", as_="controller", body=review)
    return number


def test_a_rebuild_of_what_is_right_changes_nothing(history_made: World) -> None:
    before = projected()
    call_command("rebuild")
    assert differences(before, projected()) == []


def test_what_was_lost_or_is_wrong_is_rebuilt_and_what_is_the_portals_own_stays(history_made: World) -> None:
    before, acts, drafts = projected(), own_acts(), list(Draft.objects.values_list("pk", "project"))
    spoil()
    left = history_made.person("outsider").user
    left.groups.add(Team.objects.get(path="north-health/heart-controllers").group)
    assert projected() != before
    call_command("rebuild")
    assert differences(before, projected()) == []
    assert own_acts() == acts
    assert list(Draft.objects.values_list("pk", "project")) == drafts
    assert audit.verify() is None


def own_acts() -> set[tuple[str, str, str]]:
    return {
        (act.key, act.state, str(act.pull_request)) for act in RemoteAct.objects.exclude(kind="post_check")
    }


def spoil() -> None:
    """What bugs, half-restored backups and careless hands do to rows."""
    Comment.objects.all().delete()
    CheckRun.objects.all().delete()
    Review.objects.update(body="Not what was said.")
    JobType.objects.update(title="Not its title")
    JobRequest.objects.filter(slug__contains="closed").delete()
    JobRequest.objects.update(purpose="Not its purpose", nodes=["south"])
    Team.objects.get(path="north-health/heart-controllers").members.clear()
    later = timezone.now() + timedelta(days=1)
    PullRequest.objects.update(title="Not its title", updated_at=later, merged_by=None)
    stranger = PullRequest.objects.first()
    assert stranger is not None
    stranger.pk, stranger.number, stranger.verdict = None, 4711, None
    stranger.save()


def test_a_rebuild_that_was_interrupted_goes_on_where_it_was(
    history_made: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = projected()
    monkeypatch.setattr(history, "LARGEST", 1)
    project = history_made.project
    history.begin(project)
    history.read_page(project, 1)
    spoil_unread(project.history_cursor)
    call_command("rebuild", project="heart_study")
    assert differences(before, projected()) == []
    assert history_made.project.history_began is None


def spoil_unread(cursor: str) -> None:
    assert cursor
    PullRequest.objects.filter(number__gt=1).update(title="Not its title")


def test_a_rebuild_names_who_began_it(history_made: World) -> None:
    call_command("rebuild", project="heart_study", by="controller")
    events = AuditEvent.objects.filter(action__startswith="rebuild.").order_by("number")
    assert [(event.action, event.login, event.subject) for event in events] == [
        ("rebuild.begun", "controller", "heart_study"),
        ("rebuild.ended", "controller", "heart_study"),
    ]
    assert events[0].details["operator"]


def test_a_rebuild_that_could_not_read_everything_says_so_and_keeps_the_rows(history_made: World) -> None:
    before = projected()
    history_made.line.lose_request(*["POST /graphql"] * 9)
    with pytest.raises(CommandError, match="Not everything could be read"):
        call_command("rebuild")
    assert differences(before, projected()) == []
    assert Lane.objects.exists()
    with pytest.raises(CommandError, match="no project"):
        call_command("rebuild", project="unknown")
