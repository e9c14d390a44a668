"""What stands on `lockgate/decisions` is what was decided: a rebuild reads it back, and makes up nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from governance.decisions import read_back, shown
from governance.decisions.keeping import learn
from governance.mirrors import mirror
from governance.models import DecisionRecord, PullRequest
from governance.verdicts import look
from lockgate import canonical_json
from tests.governance.test_decisions_in_git import BRANCH, merged, on_github, record_of
from tests.governance.world import CODE_REPO, World

pytestmark = pytest.mark.django_db


def said_of(pull: PullRequest) -> str:
    told = shown(pull)
    assert told is not None
    return told.says


def lose_the_database(world: World) -> None:
    """All that was projected and recorded here is gone; GitHub is read anew."""
    PullRequest.objects.all().delete()
    DecisionRecord.objects.all().delete()


def kept_of(pull: PullRequest) -> tuple[object, ...]:
    record = DecisionRecord.objects.values("state", "text", "status", "in_portal", "problem").get()
    return pull.decision, pull.status, pull.decided_at, record


def test_a_rebuild_reads_back_the_same_rows_whichever_it_reads_first(world: World) -> None:
    number = merged(world).number
    world.catch_up()
    before = kept_of(world.pull_request(number))
    lose_the_database(world)
    assert read_back(world.project).records == 1
    look(world.project, number)
    assert kept_of(world.pull_request(number)) == before
    lose_the_database(world)
    look(world.project, number)
    read_back(world.project)
    assert kept_of(world.pull_request(number)) == before
    lose_the_database(world)
    look(world.project, number)
    world.pass_again()
    assert kept_of(world.pull_request(number)) == before
    read_back(world.project)
    assert kept_of(world.pull_request(number)) == before


def test_what_waits_to_be_written_outlasts_a_rebuild(world: World) -> None:
    number = merged(world).number
    PullRequest.objects.all().delete()
    assert read_back(world.project).records == 0
    look(world.project, number)
    assert world.pull_request(number).status == "approved"
    world.catch_up()
    assert record_of(on_github(world), number)["status"] == "approved"


def test_a_record_that_is_absent_is_unknown_and_nothing_is_decided_anew(world: World) -> None:
    pull = merged(world)
    world.catch_up()
    world.api("DELETE", f"/repos/{CODE_REPO}/git/refs/heads/{BRANCH}", as_="maintainer")
    read_back(world.project)
    pull = world.pull_request(pull.number)
    assert (pull.decision, pull.status) == (None, "")
    assert said_of(pull) == "Unknown: the record of the decision was written, and is gone from GitHub."


def test_a_merge_of_long_ago_that_was_never_recorded_is_unknown(world: World) -> None:
    """As after the loss of everything here, and for merges from before Lockgate was there."""
    number = merged(world).number
    long_ago = PullRequest.objects.get().created_at - timedelta(days=2)
    DecisionRecord.objects.all().delete()
    PullRequest.objects.filter(number=number).update(merged_at=long_ago, state="merged")
    read_back(world.project)
    row = world.pull_request(number)
    learn(row, mirror(CODE_REPO))
    assert (row.decision, row.status) == (None, "")
    assert said_of(row) == "Unknown: there is no record of a decision."
    assert not DecisionRecord.objects.exists()


def test_a_record_that_does_not_follow_from_its_facts_is_not_believed(world: World) -> None:
    pull = merged(world)
    world.catch_up()
    clone = on_github(world)
    text = canonical_json.dumps(record_of(clone, pull.number) | {"votes": []})
    world.push(BRANCH, {f"decisions/{pull.number}.json": text}, login="maintainer", start=BRANCH)
    assert read_back(world.project).unusable == (pull.number,)
    assert world.pull_request(pull.number).status == "approved", "what was made here stands"
    lose_the_database(world)
    assert read_back(world.project).unusable == (pull.number,)
    look(world.project, pull.number)
    again = world.pull_request(pull.number)
    assert (again.decision, again.status) == (None, "")
    assert (
        said_of(again)
        == "The record on GitHub cannot be used: what it says of votes does not follow from its facts."
    )


def test_a_record_of_another_merge_is_not_taken_for_this_ones(world: World) -> None:
    pull = merged(world)
    row = DecisionRecord.objects.get()
    row.text = row.text.replace(pull.merge_sha, "1" * 40)
    row.save()
    look(world.project, pull.number)
    assert world.pull_request(pull.number).decision is None
    assert DecisionRecord.objects.get().problem == "The record on GitHub is of another merge than this one."
