"""What a merged change's page says of its record: where it is, or in plain words that it is not there."""

from __future__ import annotations

from typing import Any

from governance.models import DecisionRecord, PullRequest
from tests.pages import world as arrange
from tests.pages.conftest import Visit
from tests.pages.said import APPROVED
from tests.pages.test_request_pages import text_of
from tests.pages.world import SLUG, World

THREAD = f"/projects/heart_study/requests/{SLUG}/"


def record(pull: PullRequest, state: str, **said: Any) -> DecisionRecord:
    given = {"project": "heart_study", "number": pull.number, "state": state, "text": "{}"}
    return DecisionRecord.objects.create(**given | {"status": "approved", "in_portal": True} | said)


def merged(world: World) -> PullRequest:
    pull = arrange.request(world, state="merged", decision=APPROVED).pull_request
    assert pull is not None
    return pull


SAID: list[tuple[str, dict[str, Any], str]] = [
    ("written", {}, "Merged in Lockgate when it was approved."),
    ("written", {"in_portal": False}, "Merged past Lockgate, whose last word was: approved."),
    ("written", {"status": "unknown"}, "Unknown: nothing had been decided on this head"),
    ("pending", {}, "It is being written to GitHub."),
    ("pending", {"problem": "GitHub did not answer."}, "approved. GitHub did not answer."),
    ("differs", {"problem": "The record on GitHub is of another merge."}, "is of another merge."),
]


def test_the_thread_says_how_the_decision_is_recorded(world: World, as_: Visit) -> None:
    pull = merged(world)
    address = f"/north-health/heart-study/blob/lockgate/decisions/decisions/{pull.number}.json"
    for state, said, words in SAID:
        DecisionRecord.objects.all().delete()
        record(pull, state, **said)
        page = text_of(as_("researcher").get(THREAD))
        assert words in page
        assert (address in page) is (state != "pending")
        assert "1 of 1 approvals by controllers of north." in page


def test_a_merge_without_a_record_is_unknown(world: World, as_: Visit) -> None:
    merged(world)
    assert "Unknown: there is no record of a decision." in text_of(as_("researcher").get(THREAD))


def test_what_is_not_merged_has_no_record_to_speak_of(world: World, as_: Visit) -> None:
    pull = arrange.request(world).pull_request
    assert pull is not None
    record(pull, "open", text="")
    assert "Decision record" not in text_of(as_("researcher").get(THREAD))


def test_the_page_of_any_change_names_its_record(world: World, as_: Visit) -> None:
    pull = arrange.pull(world, "code_change", state="merged", decision=APPROVED, request="", node_names=[])
    record(pull, "written")
    page = text_of(as_("controller").get(f"/projects/heart_study/changes/{pull.number}/"))
    assert f"decisions/{pull.number}.json on GitHub" in page
