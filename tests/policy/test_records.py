"""A record of a decision: the facts come back as they were, and give exactly the same decision again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings

from lockgate import canonical_json
from lockgate.errors import Invalid
from lockgate.formats import (
    DecisionRecord,
    FormatError,
    Kind,
    RecordedMerge,
    read_decision_record,
    record_path,
    write_decision_record,
)
from lockgate.policy import (
    RULES_VERSION,
    Decided,
    Facts,
    Merged,
    OtherRules,
    Review,
    ReviewState,
    decide,
    facts_from_plain,
    facts_to_plain,
    record_of,
    recorded_decision,
    why_it_differs,
)
from tests.policy.cases import (
    CONTROLLER,
    CONTROLLER_2,
    GOVERNANCE,
    MOMENT,
    POINT,
    code,
    policy,
    request,
    results,
    review,
    withdrawal,
)
from tests.policy.strategies import any_facts

GOOD: list[Callable[..., Facts]] = [request, results, withdrawal, code, policy]
EVER_WRITTEN = sorted(Path(__file__).parent.glob("decision_record_rules_*.json"))
MERGED = Merged(
    repository="health/heart-study",
    pull_request=POINT.pull_request,
    base_ref=POINT.base_ref,
    merge_base=POINT.merge_base,
    head=POINT.head,
    merge=RecordedMerge("e" * 40, CONTROLLER, MOMENT + timedelta(hours=1), in_portal=True),
)


def record(facts: Facts) -> DecisionRecord:
    at = MOMENT + timedelta(minutes=30, microseconds=1)
    return record_of(MERGED, Decided(decide(facts), facts, at, "f" * 40))


def read(data: bytes) -> DecisionRecord:
    return read_decision_record(data, record_path(POINT.pull_request))


@settings(max_examples=100)
@given(facts=any_facts)
def test_any_facts_come_back_as_they_were_and_give_the_same_decision(facts: Facts) -> None:
    text = canonical_json.dumps(facts_to_plain(facts))
    again = facts_from_plain(canonical_json.loads(text))
    assert again == facts
    assert decide(again) == decide(facts)
    assert canonical_json.dumps(facts_to_plain(again)) == text


def test_every_fact_is_written() -> None:
    assert facts_to_plain(Facts()).keys() == {field.name for field in fields(Facts)}


@pytest.mark.parametrize("make", GOOD)
@pytest.mark.parametrize("changes", [{}, {"reviews": ()}, {"gate": None, "teams": None}])
def test_a_record_reads_back_the_same_from_one_canonical_text(
    make: Callable[..., Facts], changes: dict[str, object]
) -> None:
    written = record(make(**changes))
    data = write_decision_record(written)
    assert read(data) == written
    assert canonical_json.dumps(canonical_json.loads(data)).encode() == data
    assert recorded_decision(read(data)) == decide(make(**changes))
    assert why_it_differs(read(data)) is None


def test_nodes_keep_the_order_in_which_the_policy_names_them() -> None:
    other_way = replace(GOVERNANCE, nodes=dict(reversed(GOVERNANCE.nodes.items())))
    facts = policy(governance=other_way, reviews=())
    assert decide(facts) != decide(policy(reviews=()))
    assert why_it_differs(read(write_decision_record(record(facts)))) is None


def test_votes_are_the_last_word_of_each_account() -> None:
    first = review(CONTROLLER, ReviewState.CHANGES_REQUESTED, minute=1, number=1)
    last = review(CONTROLLER, minute=2, number=2)
    other = review(CONTROLLER_2, number=3, at=None)
    votes = record(request(reviews=(first, other, last))).votes
    assert [(vote.account, vote.state, vote.review) for vote in votes] == [
        (CONTROLLER, "approved", 2),
        (CONTROLLER_2, "approved", 3),
    ]
    assert votes[1].head is None


def test_where_nothing_was_decided_the_record_says_unknown() -> None:
    nothing = read(write_decision_record(record_of(MERGED, None)))
    assert (nothing.status, nothing.decision, nothing.facts, nothing.votes) == ("unknown", None, None, ())
    assert recorded_decision(nothing) is None
    assert why_it_differs(nothing) is None


def outsider_votes(facts: Facts) -> Facts:
    assert facts.reviews is not None
    return replace(facts, reviews=(*facts.reviews, Review(99, 1006, ReviewState.APPROVED, POINT, MOMENT)))


@pytest.mark.parametrize(
    ("tampered", "reason"),
    [
        (lambda one: replace(one, facts=record(request(reviews=())).facts), "its facts give: waiting"),
        (lambda one: replace(one, decision=record(request(reviews=())).decision), "its facts give: approved"),
        (lambda one: replace(one, votes=()), "what it says of votes"),
        (lambda one: replace(one, votes=record(outsider_votes(request())).votes), "what it says of votes"),
        (lambda one: replace(one, head="d" * 40), "the head"),
        (lambda one: replace(one, pull_request=8), "the pull request"),
        (lambda one: replace(one, kind=Kind.WITHDRAWAL), "the kind"),
        (lambda _: replace(record_of(MERGED, None), policy_blob="f" * 40), "tells of a decision"),
    ],
)
def test_what_does_not_follow_from_its_facts_differs(
    tampered: Callable[[DecisionRecord], DecisionRecord], reason: str
) -> None:
    assert reason in (why_it_differs(tampered(record(request()))) or "")


def test_rules_of_another_version_are_not_guessed() -> None:
    one = record(request())
    other = replace(one, versions=replace(one.versions, policy=one.versions.policy + 1))
    with pytest.raises(OtherRules, match=f"version {RULES_VERSION + 1} of the rules"):
        why_it_differs(other)


def test_records_of_all_rules_there_ever_were_still_read_and_those_of_today_give_their_decision() -> None:
    """Rules that decide or speak otherwise get a new RULES_VERSION, and a file here."""
    found = {one.versions.policy: one for one in (read(path.read_bytes()) for path in EVER_WRITTEN)}
    assert sorted(found) == list(range(1, RULES_VERSION + 1))
    assert why_it_differs(found[RULES_VERSION]) is None


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"status":"approved","version":1,', '"status":"waiting","version":1,', "not that of the decision"),
        ('"version":1,"versions"', '"version":2,"versions"', "must be 1"),
        ('"version":1,"versions"', '"version":1,"more":0,"versions"', "`more` is no key"),
        ('"in_portal":true', '"in_portal":1', "must be true or false"),
        ('"pull_request":7,"repository"', '"pull_request":9,"repository"', "the name of the file"),
        ("2026-11-23T10:14:00Z", "2026-13-23T10:14:00Z", "in no calendar"),
        ('"decided_at"', ' "decided_at"', "not canonical JSON"),
        ('"unread":[]', '"unread":[],"unread":[]', "a key stands twice"),
    ],
)
def test_what_is_no_record_is_not_read_as_one(old: str, new: str, reason: str) -> None:
    text = write_decision_record(record(request())).decode()
    assert old in text
    with pytest.raises(FormatError) as refused:
        read(text.replace(old, new, 1).encode())
    assert reason in " ".join(problem.reason for problem in refused.value.problems)


def test_a_record_of_facts_alone_is_refused() -> None:
    with pytest.raises(FormatError, match="both be there, or neither"):
        write_decision_record(replace(record(request()), decision=None))


def test_no_facts_are_read_from_what_is_none() -> None:
    with pytest.raises(Invalid, match="no facts that Lockgate wrote"):
        facts_from_plain({"at": None})
