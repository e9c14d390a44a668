"""Every state has words, an icon and somebody who must act, and facts name exactly one state."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jobs.acting import SENTENCES
from jobs.models import Lane
from jobs.states import (
    LANE_STATES,
    PULL_RULES,
    WORDS,
    Actor,
    Pressed,
    PullFacts,
    PullStatus,
    Role,
    State,
    combine,
    lane_state,
    pull_state,
    request_state,
)
from lockgate.formats import Kind
from lockgate.policy import Decision, Status
from portal.states import ASKING, RUNNING, STEPS, Act, steps
from portal.states import Role as Viewer
from portal.states import primary as primary_act

SPRITE = Path("static/lockgate/icons.svg")


def decided(status: Status, **rules: Status) -> Decision:
    children = tuple(Decision(said, rule, f"{rule} says {said}.") for rule, said in rules.items())
    return Decision(status, "policy", "Because.", children)


def test_no_state_lacks_an_owner() -> None:
    assert set(WORDS) == set(State)
    assert all(state.acts for state in State)


def test_what_nobody_has_to_act_on_is_grey_or_green_and_amber_waits_for_people() -> None:
    people = {Actor.REQUESTER, Actor.CONTROLLER, Actor.MAINTAINER}
    for state in State:
        if state.settled:
            assert state.word.role in (Role.GREY, Role.GREEN), state
        if state.word.role is Role.AMBER:
            assert set(state.acts) <= people, state


def test_every_state_has_an_icon_of_its_own_in_the_sprite_but_the_two_that_end_well() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text()))
    icons = [state.icon for state in State if state is not State.MERGED]
    assert set(icons) <= drawn
    assert len(set(icons)) == len(icons)


def test_every_label_and_every_sentence_is_told_apart() -> None:
    assert len({state.label for state in State}) == len(State)
    assert set(SENTENCES) == set(State)
    assert len(set(SENTENCES.values())) == len(State)


REQUEST = Kind.JOB_REQUEST
RESULT = Kind.RESULT_PUBLICATION
OPEN, MERGED, CLOSED = PullStatus.OPEN, PullStatus.MERGED, PullStatus.CLOSED
WAITING = decided(Status.WAITING, gate=Status.APPROVED, quorum=Status.WAITING)


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        (PullFacts(OPEN), State.CHECKING),
        (PullFacts(OPEN, decided(Status.WAITING, gate=Status.WAITING)), State.CHECKING),
        (
            PullFacts(OPEN, decided(Status.WAITING, checks=Status.WAITING, quorum=Status.WAITING)),
            State.CHECKING,
        ),
        (PullFacts(OPEN, WAITING, kind=REQUEST), State.AWAITING_REVIEW),
        (PullFacts(OPEN, WAITING, kind=RESULT), State.OUTPUTS_IN_REVIEW),
        (PullFacts(OPEN, decided(Status.REFUSED, gate=Status.REFUSED)), State.CHECKS_FAILED),
        (
            PullFacts(
                OPEN, decided(Status.REFUSED, gate=Status.REFUSED, no_changes_requested=Status.REFUSED)
            ),
            State.CHECKS_FAILED,
        ),
        (
            PullFacts(OPEN, decided(Status.REFUSED, no_changes_requested=Status.REFUSED)),
            State.CHANGES_REQUESTED,
        ),
        (PullFacts(OPEN, decided(Status.UNREADABLE, gate=Status.UNREADABLE)), State.OUTCOME_UNKNOWN),
        (PullFacts(OPEN, decided(Status.APPROVED), kind=REQUEST), State.READY_TO_MERGE),
        (PullFacts(OPEN, decided(Status.APPROVED), kind=RESULT), State.READY_TO_MERGE),
        (PullFacts(OPEN, decided(Status.APPROVED), Pressed.MERGE), State.MERGING),
        (PullFacts(OPEN, decided(Status.APPROVED), Pressed.UNKNOWN), State.OUTCOME_UNKNOWN),
        (PullFacts(MERGED, None, Pressed.UNKNOWN, REQUEST), State.WAITING_FOR_NODE),
        (PullFacts(MERGED, kind=REQUEST), State.WAITING_FOR_NODE),
        (PullFacts(MERGED, kind=RESULT), State.RELEASING),
        (PullFacts(MERGED, kind=Kind.CODE_CHANGE), State.MERGED),
        (PullFacts(CLOSED), State.CLOSED),
        (PullFacts(CLOSED, closed_by_author=True), State.CANCELLED),
        (PullFacts(CLOSED, closed_by_author=False), State.REJECTED),
    ],
)
def test_a_pull_request_stands_where_its_facts_say(facts: PullFacts, state: State) -> None:
    assert pull_state(facts) is state


def test_the_rules_of_a_pull_request_end_with_one_that_always_holds() -> None:
    assert PULL_RULES[-1][1](PullFacts(OPEN))


def test_every_report_of_a_node_has_a_state() -> None:
    assert set(LANE_STATES) == set(Lane.State.values)


def test_while_outputs_are_in_review_their_pull_request_says_where_the_lane_stands() -> None:
    assert (
        lane_state("in_review", PullFacts(OPEN, decided(Status.APPROVED), kind=RESULT))
        is State.READY_TO_MERGE
    )
    assert lane_state("in_review") is State.COLLECTING, "nobody is sent to what cannot be shown yet"
    assert lane_state("released", PullFacts(MERGED, kind=RESULT)) is State.RELEASED


@pytest.mark.parametrize(
    ("lanes", "state"),
    [
        ([], State.WAITING_FOR_NODE),
        ([State.RUNNING, State.RUN_FAILED], State.RUN_FAILED),
        ([State.RELEASED, State.OUTPUTS_IN_REVIEW], State.OUTPUTS_IN_REVIEW),
        ([State.HELD, State.RUN_FAILED], State.HELD),
        ([State.RELEASED, State.RELEASED], State.RELEASED),
        ([State.RELEASED, State.CANCELLED], State.PARTLY_RELEASED),
        ([State.CANCELLED], State.CANCELLED),
    ],
)
def test_of_several_lanes_the_most_urgent_speaks(lanes: list[State], state: State) -> None:
    assert combine(lanes) is state


def test_a_request_without_a_pull_request_is_a_draft_and_a_merged_one_follows_its_lanes() -> None:
    assert request_state(None) is State.DRAFT
    assert request_state(PullFacts(OPEN), [State.RUNNING]) is State.CHECKING
    assert request_state(PullFacts(MERGED, kind=REQUEST), [State.RUNNING]) is State.RUNNING


def test_every_state_stands_at_one_step_of_its_thread() -> None:
    for merged, known in ((False, ASKING), (True, RUNNING)):
        for state in known:
            now = [step.name for step in steps(state, merged=merged) if step.now]
            ended = known[state] == len(STEPS)
            assert len(now) == (0 if ended else 1), state
    assert [step.name for step in steps(State.CHECKING, merged=True) if step.now] == ["Outputs"]


@pytest.mark.parametrize(
    ("state", "viewer", "merged", "act"),
    [
        (State.AWAITING_REVIEW, Viewer.CONTROLLER, False, Act.REVIEW),
        (State.AWAITING_REVIEW, Viewer.REQUESTER, False, Act.NONE),
        (State.OUTPUTS_IN_REVIEW, Viewer.CONTROLLER, True, Act.REVIEW_OUTPUTS),
        (State.OUTPUTS_IN_REVIEW, Viewer.REQUESTER, True, Act.NONE),
        (State.RUN_FAILED, Viewer.REQUESTER, True, Act.REPEAT),
        (State.RELEASED, Viewer.MEMBER, True, Act.OPEN_RESULTS),
    ],
)
def test_the_one_filled_button_follows_viewer_and_state(
    state: State, viewer: Viewer, merged: bool, act: Act
) -> None:
    assert primary_act(state, viewer, merged=merged) is act
