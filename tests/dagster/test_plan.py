"""What a tick does with what it found, rule by rule."""

from dataclasses import replace

import pytest

from lockgate.dagster.cursor import Cursor, CursorUnreadable, read_cursor
from lockgate.dagster.plan import Found, Launch, plan
from lockgate.evidence import Approved, Held, Undecided
from lockgate.formats import Kind

REQUEST = "2026-11-23-survival-by-age-k3f9"
OTHER = "2026-11-22-other-aaaa"
BEFORE, AFTER, MERGE, BLOB = "1" * 40, "2" * 40, "3" * 40, "4" * 40
APPROVED = Approved(7, 1001, "5" * 40, MERGE, Kind.JOB_REQUEST, REQUEST, ("north",))
START = Cursor(BEFORE)
READY = Found(REQUEST, BLOB, MERGE, judgement=APPROVED, job="survival", run_config={"ops": {}})


def planned(found: Found, cursor: Cursor = START) -> tuple[tuple[Launch, ...], Cursor]:
    done = plan(cursor, (found,), read_up_to=AFTER, code="c0de")
    return done.launches, done.cursor


def test_an_approved_request_is_launched_with_all_that_the_collector_asks_for() -> None:
    launches, cursor = planned(READY)
    assert launches == (
        Launch(
            key=f"{REQUEST}@{BLOB}",
            job="survival",
            run_config={"ops": {}},
            tags={
                "lockgate/request": REQUEST,
                "lockgate/blob": BLOB,
                "lockgate/merge": MERGE,
                "lockgate/pull_request": "7",
                "lockgate/code": "c0de",
            },
        ),
    )
    assert cursor == Cursor(AFTER)


@pytest.mark.parametrize(
    ("found", "waiting", "held"),
    [
        pytest.param(replace(READY, for_this_node=False), {}, {}, id="it names other nodes only"),
        pytest.param(replace(READY, has_results=True), {}, {}, id="it has results"),
        pytest.param(
            replace(READY, judgement=Held("Merged without approval.")),
            {},
            {REQUEST: "Merged without approval."},
            id="it was not approved",
        ),
        pytest.param(
            replace(READY, judgement=Held("Merged without approval."), obstacle="Not loaded."),
            {},
            {REQUEST: "Merged without approval."},
            id="it was not approved, whatever else it lacks",
        ),
        pytest.param(
            replace(READY, judgement=Undecided("GitHub did not answer.")),
            {REQUEST: "GitHub did not answer."},
            {},
            id="its approval cannot be told",
        ),
        pytest.param(
            replace(READY, obstacle="The job is not loaded."),
            {REQUEST: "The job is not loaded."},
            {},
            id="it is approved but cannot run yet",
        ),
        pytest.param(
            replace(READY, judgement=None, obstacle="Waits for results."),
            {REQUEST: "Waits for results."},
            {},
            id="it waits still",
        ),
        pytest.param(
            replace(READY, judgement=None),
            {REQUEST: "The node has not checked its approval yet."},
            {},
            id="nobody asked whether it was approved",
        ),
    ],
)
def test_a_request_is_not_launched_where(found: Found, waiting: dict[str, str], held: dict[str, str]) -> None:
    launches, cursor = planned(found)
    assert launches == ()
    assert cursor == Cursor(AFTER, waiting, held)


def test_what_is_held_stays_held_even_if_it_looks_approved_later() -> None:
    held = Cursor(BEFORE, {}, {REQUEST: "Merged without approval."})
    assert planned(READY, held) == ((), replace(held, sha=AFTER))


def test_what_waited_is_launched_once_it_can_run_and_waits_no_more() -> None:
    launches, cursor = planned(READY, Cursor(BEFORE, {REQUEST: "Not loaded.", OTHER: "Not loaded."}))
    assert [launch.key for launch in launches] == [f"{REQUEST}@{BLOB}"]
    assert cursor.waiting == {OTHER: "Not loaded."}


def test_what_was_just_looked_at_waits_at_the_end_of_the_line() -> None:
    waiting = {REQUEST: "Not loaded.", OTHER: "Not loaded."}
    _, cursor = planned(replace(READY, obstacle="Not loaded."), Cursor(BEFORE, waiting))
    assert list(cursor.waiting) == [OTHER, REQUEST]
    assert list(read_cursor(cursor.to_json(), since=BEFORE).waiting) == [OTHER, REQUEST]


def test_a_cursor_reads_back_as_written_and_begins_at_since() -> None:
    cursor = Cursor(AFTER, {REQUEST: "Not loaded."}, {OTHER: "Merged without approval."})
    assert read_cursor(cursor.to_json(), since=BEFORE) == cursor
    assert read_cursor(None, since=BEFORE) == Cursor(BEFORE)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"version": 2, "sha": "1", "waiting": {}, "held": {}}'])
def test_an_unreadable_cursor_is_never_taken_for_a_fresh_start(text: str) -> None:
    with pytest.raises(CursorUnreadable, match="nothing is launched"):
        read_cursor(text, since=BEFORE)
