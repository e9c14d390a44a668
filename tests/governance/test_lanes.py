"""Where a merged request stands on a node, as the node reports it; what cannot be so is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from governance.mirrors import mirror
from governance.models import Node, Person, PullRequest, Registration
from governance.verdicts import look
from jobs.models import JobRequest, Lane, Run
from jobs.projection import read_change
from jobs.runs import collection_reported, runs_reported
from lockgate.errors import Invalid, Unavailable
from lockgate.messages import CollectionReported, CollectionState, RunReport, RunsReported
from tests.governance.world import CODE_REPO, World, a_request, request_file

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SLUG = a_request().id


@pytest.fixture
def lane(world: World) -> Lane:
    """A merged request, waiting for north."""
    said = a_request()
    request = JobRequest.objects.create(
        project=world.project,
        slug=said.id,
        title=said.title,
        purpose=said.purpose,
        job=said.job,
        requester=world.person("researcher"),
        nodes=["north"],
        blob="b" * 40,
        created_at=NOW,
    )
    return Lane.objects.create(request=request, node=Node.objects.get(), since=NOW)


def report(status: str, *, minute: int = 0, run: str = "one", **more: str) -> RunsReported:
    at = NOW + timedelta(minutes=minute)
    failed = more.get("failed_step"), more.get("error_class")
    return RunsReported("heart_study", "c" * 40, at, (RunReport(SLUG, run, run, status, at, None, *failed),))


STATUS = {
    "QUEUED": "queued",
    "STARTING": "queued",
    "STARTED": "running",
    "SUCCESS": "collecting",
    "FAILURE": "run_failed",
    "CANCELED": "cancelled",
}


@pytest.mark.parametrize(("said", "state"), STATUS.items())
def test_the_lane_follows_the_run(lane: Lane, said: str, state: str) -> None:
    runs_reported(lane.node, report(said))
    lane.refresh_from_db()
    assert lane.state == state


def test_a_failed_run_says_which_step_and_error_and_that_nothing_left(lane: Lane) -> None:
    runs_reported(lane.node, report("FAILURE", failed_step="fit_model", error_class="MemoryError"))
    lane.refresh_from_db()
    assert lane.reason == "Step fit_model failed: MemoryError. No output left the node."


def test_an_older_report_changes_nothing(lane: Lane) -> None:
    runs_reported(lane.node, report("SUCCESS", minute=5))
    runs_reported(lane.node, report("STARTED", minute=1))
    lane.refresh_from_db()
    assert lane.state == "collecting"
    assert Run.objects.get().status == "succeeded"


def test_a_report_of_runs_does_not_take_back_what_came_after(lane: Lane) -> None:
    lane.state = Lane.State.RELEASED
    lane.save()
    runs_reported(lane.node, report("FAILURE", minute=9, run="two"))
    lane.refresh_from_db()
    assert lane.state == "released"


def test_held_and_waiting_say_why(lane: Lane) -> None:
    empty = RunsReported("heart_study", None, NOW, (), {SLUG: "The code location is not loaded."}, {})
    runs_reported(lane.node, empty)
    lane.refresh_from_db()
    assert (lane.state, lane.reason) == ("waiting_for_node", "The code location is not loaded.")
    later = NOW + timedelta(minutes=1)
    runs_reported(lane.node, RunsReported("heart_study", None, later, (), {}, {SLUG: "No policy check."}))
    lane.refresh_from_db()
    assert (lane.state, lane.reason) == ("held", "No policy check.")


def test_a_run_of_a_request_that_is_not_on_main_makes_no_row(lane: Lane) -> None:
    lane.delete()
    runs_reported(Node.objects.get(), report("SUCCESS"))
    assert not Run.objects.exists()


def test_a_node_reports_neither_for_others_nor_in_words_that_dagster_has_not(lane: Lane) -> None:
    with pytest.raises(Invalid, match="does not have"):
        runs_reported(lane.node, report("EXPLODED"))
    Registration.objects.all().delete()
    with pytest.raises(Invalid, match="does not run"):
        runs_reported(lane.node, report("SUCCESS"))


def test_outputs_that_the_node_refuses_say_why(lane: Lane) -> None:
    runs_reported(lane.node, report("SUCCESS"))
    refused = CollectionReported("heart_study", SLUG, "one", CollectionState.REFUSED, "Too many rows.", None)
    collection_reported(lane.node, refused)
    lane.refresh_from_db()
    assert (lane.state, lane.reason) == ("collection_refused", "Too many rows.")


def test_a_collection_of_a_merge_that_is_not_read_yet_is_told_again(lane: Lane) -> None:
    """The node may know of a merge before the portal does; what it says then is not lost."""
    refused = CollectionReported("heart_study", SLUG, "one", CollectionState.REFUSED, "Too many rows.", None)
    node = lane.node
    lane.delete()
    with pytest.raises(Unavailable, match="not read yet"):
        collection_reported(node, refused)
    JobRequest.objects.update(nodes=["south"])
    with pytest.raises(Invalid, match="not asked for"):
        collection_reported(node, refused)


@pytest.mark.parametrize(("account", "moved"), [(4002, True), (1002, False)], ids=["the node", "a person"])
def test_only_a_result_of_the_nodes_own_app_moves_the_lane(
    world: World, lane: Lane, account: int, moved: bool
) -> None:
    author, _ = Person.objects.get_or_create(account_id=account, defaults={"login": f"account-{account}"})
    result = PullRequest.objects.create(
        project=world.project,
        number=77,
        kind="result_publication",
        title="Results",
        author=author,
        head_ref=f"results/{SLUG}/north/12345678",
        head_sha="d" * 40,
        base_ref="main",
        base_sha="e" * 40,
        request=SLUG,
        result_node="north",
        node_names=["north"],
        created_at=NOW,
        updated_at=NOW,
        read_at=NOW,
    )
    read_change(result, mirror(world.project.code_repo))
    lane.refresh_from_db()
    assert (lane.state == "in_review") is moved


def test_a_request_merged_to_another_branch_takes_nobodys_id(world: World) -> None:
    """Who may push may merge into a branch of their own, under the id of another's request."""
    theirs = a_request("researcher-2")
    world.push("own", {"notes.txt": "x"}, login="researcher-2")
    world.push("request/posing", request_file(theirs), login="researcher-2", start="own")
    body = {"title": "Posing", "head": "request/posing", "base": "own"}
    number = world.api("POST", f"/repos/{CODE_REPO}/pulls", as_="researcher-2", body=body)["number"]
    world.api("PUT", f"/repos/{CODE_REPO}/pulls/{number}/merge", as_="researcher-2", body={})
    look(world.project, number)
    assert not JobRequest.objects.exists()
    assert not Lane.objects.exists()
