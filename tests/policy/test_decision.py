"""The decision tree: how it is combined, told to GitHub, kept and read back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lockgate.errors import Invalid
from lockgate.formats import Kind
from lockgate.policy import (
    Decision,
    Facts,
    Status,
    all_of,
    conclusion,
    decide,
    from_json,
    to_json,
    who_must_act,
    worst,
    worst_to_post,
)
from tests.policy.cases import GOVERNANCE, check, policy, request

APPROVED, WAITING, REFUSED, UNREADABLE = (Decision(status, "rule", status.value) for status in Status)
ONLY_RESULTS = {Kind.RESULT_PUBLICATION: GOVERNANCE.approvals[Kind.RESULT_PUBLICATION]}
WRITTEN_WRONGLY = [
    request(governance=None, invalid=("governance.yaml: version must be 1.",)),
    request(governance=replace(GOVERNANCE, approvals=ONLY_RESULTS)),
    request(governance=replace(GOVERNANCE, nodes={"south": GOVERNANCE.nodes["south"]})),
]


def test_no_rules_at_all_are_unreadable_and_never_an_approval() -> None:
    assert all_of("policy", []).status is Status.UNREADABLE
    assert worst([]).status is Status.UNREADABLE


@pytest.mark.parametrize(
    ("children", "status"),
    [
        ([APPROVED, APPROVED], Status.APPROVED),
        ([APPROVED, WAITING], Status.WAITING),
        ([WAITING, REFUSED, APPROVED], Status.REFUSED),
        ([REFUSED, UNREADABLE, WAITING], Status.UNREADABLE),
    ],
)
def test_the_most_restrictive_child_speaks_for_all(children: list[Decision], status: Status) -> None:
    assert all_of("policy", children).status is status
    assert worst(children).status is status
    assert worst(children).reason == status.value


@pytest.mark.parametrize(
    ("decision", "word"),
    [(APPROVED, "success"), (WAITING, "in_progress"), (REFUSED, "failure"), (UNREADABLE, "failure")],
)
def test_the_check_run_is_never_neutral_or_skipped(decision: Decision, word: str) -> None:
    assert conclusion(decision) == word


@pytest.mark.parametrize(
    ("acts", "word"), [(["Lockgate"], "in_progress"), (["Lockgate", "maintainers"], "failure")]
)
def test_what_only_lockgate_has_to_read_again_is_not_decided_yet(acts: list[str], word: str) -> None:
    unread = [Decision(Status.UNREADABLE, "quorum", "Not read.", acts=each) for each in acts]
    assert conclusion(all_of("policy", [APPROVED, *unread])) == word
    assert conclusion(all_of("policy", [REFUSED, *unread])) == "failure"


@pytest.mark.parametrize("facts", WRITTEN_WRONGLY, ids=["not valid", "no such kind", "no such node"])
def test_a_policy_that_says_too_little_is_for_the_maintainers_and_not_waited_for(facts: Facts) -> None:
    decision = decide(facts)
    assert (decision.status, who_must_act(decision)) == (Status.UNREADABLE, ("maintainers",))
    assert conclusion(decision) == "failure"


def test_of_two_pull_requests_on_one_head_a_failure_is_posted_before_what_is_not_decided_yet() -> None:
    unread = Decision(Status.UNREADABLE, "quorum", "Not read.", acts="Lockgate")
    assert worst_to_post([unread, REFUSED, APPROVED]) is REFUSED
    assert worst_to_post([unread, APPROVED]) is unread


@pytest.mark.parametrize("facts", [request(), policy(), request(reviews=()), request(gate=None, teams=None)])
def test_a_decision_reads_back_the_same_and_is_written_the_same(facts) -> None:  # type: ignore[no-untyped-def]
    decision = decide(facts)
    assert from_json(to_json(decision)) == decision
    assert to_json(from_json(to_json(decision))) == to_json(decision)


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "nonsense",
        '{"status":"green","rule":"r","reason":"x","acts":null,"children":[]}',
        '{"status":"approved","rule":"r","reason":"x","children":[]}',
        '{"status":"approved","rule":"r","reason":"x","acts":1,"children":[]}',
        '{"status":"approved","rule":"r","reason":"x","acts":null,"children":[],"more":1}',
        '{"status":"refused","status":"approved","rule":"r","reason":"x","acts":null,"children":[]}',
        '{"status":"approved","rule":"r","reason":"x","acts":null,"children":[{}]}',
    ],
)
def test_what_is_no_decision_is_not_read_as_one(text: str) -> None:
    with pytest.raises(Invalid):
        from_json(text)


def test_the_controllers_of_each_node_that_still_lacks_votes_must_act() -> None:
    assert who_must_act(decide(policy(reviews=()))) == ("controllers of north", "controllers of south")
    assert who_must_act(decide(policy(reviews=policy().reviews[:1]))) == ("controllers of south",)


def test_nobody_must_act_on_an_approved_pull_request() -> None:
    assert who_must_act(decide(request())) == ()


def test_a_refusal_is_the_authors_turn_before_anybody_is_asked_to_vote() -> None:
    facts = request(reviews=(), checks=(check("gate"), check("ci", "failure")))
    assert who_must_act(decide(facts)) == ("the author",)


def test_every_decision_that_is_not_approved_says_who_must_act() -> None:
    for facts in (request(gate=None), request(reviews=()), request(required=()), request(unread=("x.",))):
        assert who_must_act(decide(facts)), decide(facts).reason


def test_blinded_votes_name_nobody() -> None:
    facts = request()
    assert facts.governance is not None
    asked = {kind: replace(each, blinded=True) for kind, each in facts.governance.approvals.items()}
    blinded = replace(facts, governance=replace(facts.governance, approvals=asked))
    assert "controller approved" in to_json(decide(facts))
    assert "controller approved" not in to_json(decide(blinded))
