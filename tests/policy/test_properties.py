"""What holds for every pull request, whatever the facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

from hypothesis import given
from hypothesis import strategies as some

from lockgate.policy import Facts, Point, Review, ReviewState, Status, decide
from tests.policy import cases
from tests.policy.cases import MOMENT, POINT, code, policy, request, results, withdrawal

GOOD: list[Callable[[], Facts]] = [request, results, withdrawal, code, policy]
NEEDED = [
    "at",
    "kind",
    "gate",
    "required",
    "checks",
    "governance",
    "named",
    "nodes",
    "teams",
    "author",
    "commit_authors",
    "pushers",
    "reviews",
]
PEOPLE = [1001, 1002, 1003, 1004, 1005, 1006, 1011, 1012, 1013, 4001, 4002, 9999]

good = some.sampled_from(GOOD).map(lambda make: make())
points = some.builds(
    Point,
    pull_request=some.integers(1, 9),
    base_ref=some.sampled_from(["main", "other"]),
    merge_base=some.sampled_from([POINT.merge_base, "c" * 40]),
    head=some.sampled_from([POINT.head, "d" * 40]),
)
reviews = some.builds(
    Review,
    id=some.integers(1, 99),
    reviewer=some.sampled_from(PEOPLE),
    state=some.sampled_from(list(ReviewState)),
    at=some.one_of(some.none(), some.just(POINT), points),
    submitted=some.just(MOMENT),
)


def approved(facts: Facts) -> bool:
    return decide(facts).status is Status.APPROVED


@given(facts=good, given_up=some.sets(some.sampled_from(NEEDED), min_size=1))
def test_removing_a_fact_never_approves(facts: Facts, given_up: set[str]) -> None:
    if facts.kind in (cases.Kind.CODE_CHANGE, cases.Kind.POLICY_CHANGE):
        given_up -= {"named"}
    lacking = replace(facts, **dict.fromkeys(given_up))
    assert approved(lacking) is (not given_up)


def test_every_fact_that_can_be_missing_is_tried() -> None:
    optional = {"requester", "portal_account", "names", "unread", "invalid"}
    assert {field.name for field in fields(Facts)} == set(NEEDED) | optional


@given(facts=good, extra=some.lists(reviews))
def test_an_ineligible_approval_never_approves(facts: Facts, extra: list[Review]) -> None:
    made = {facts.author, facts.requester, *(facts.pushers or ()), *(facts.commit_authors or ())}
    ineligible = [each for each in extra if each.reviewer in made or each.reviewer in (1006, 9999)]
    assert not approved(replace(facts, reviews=tuple(ineligible)))


@given(facts=good, now=points)
def test_moving_any_bound_thing_lapses_every_approval(facts: Facts, now: Point) -> None:
    assert facts.gate is not None
    assert facts.checks is not None
    followed = replace(
        facts,
        at=now,
        gate=replace(facts.gate, at=now),
        checks=tuple(replace(run, head=now.head) for run in facts.checks),
    )
    assert approved(followed) is (now == POINT)


@given(facts=good, some_reviews=some.lists(reviews, max_size=6), data=some.data())
def test_the_order_in_which_reviews_are_read_changes_nothing(
    facts: Facts, some_reviews: list[Review], data: some.DataObject
) -> None:
    numbered = [replace(each, id=number) for number, each in enumerate(some_reviews)]
    shuffled = data.draw(some.permutations(numbered))
    first = decide(replace(facts, reviews=tuple(numbered)))
    second = decide(replace(facts, reviews=tuple(shuffled)))
    assert first == second


@given(facts=good, some_reviews=some.lists(reviews, max_size=6))
def test_taking_votes_away_never_approves(facts: Facts, some_reviews: list[Review]) -> None:
    voted = replace(facts, reviews=tuple(some_reviews))
    if not approved(voted):
        approvals_gone = tuple(each for each in some_reviews if each.state is not ReviewState.APPROVED)
        assert not approved(replace(facts, reviews=approvals_gone))
