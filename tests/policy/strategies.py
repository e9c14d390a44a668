"""Any facts at all, also such as nobody would ever gather."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as some

from lockgate.formats import Approvals, DisclosureLimits, Governance, Kind, NodePolicy, Service
from lockgate.policy import (
    CheckRun,
    Facts,
    GateRun,
    NodeFacts,
    Point,
    RequiredCheck,
    Review,
    ReviewState,
    Team,
)

texts = some.text(some.characters(exclude_categories=["Cs"]), max_size=12)
names = some.sampled_from(["north", "south", "east"])
paths = some.sampled_from(["health/controllers", "health/north", "north/controllers", "a/b"])
accounts = some.integers(1001, 1009)
numbers = some.integers(0, 2**40)
shas = some.sampled_from(["a" * 40, "b" * 40, ""])
times = some.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=some.just(UTC))  # noqa: DTZ001
kinds = some.sampled_from(list(Kind))
approvals = some.builds(Approvals, some.integers(0, 3), some.booleans(), some.booleans())
asked = some.dictionaries(kinds, approvals, max_size=3)
teams_of = some.lists(paths, max_size=2).map(tuple)
points = some.builds(Point, some.integers(1, 9), texts, shas, shas)
governance = some.builds(
    Governance,
    some.just(1),
    teams_of,
    teams_of,
    some.lists(names, unique=True).flatmap(
        lambda order: some.fixed_dictionaries({name: some.builds(NodePolicy, teams_of) for name in order})
    ),
    asked,
    some.builds(
        DisclosureLimits, numbers, numbers, numbers, numbers, some.lists(texts, max_size=2).map(tuple)
    ),
    some.builds(Service, numbers),
)
makers = some.frozensets(some.none() | accounts, max_size=3)
ages = some.none() | some.timedeltas(timedelta(0), timedelta(minutes=10))


def _many(each: some.SearchStrategy[Any]) -> some.SearchStrategy[tuple[Any, ...] | None]:
    return some.none() | some.lists(each, max_size=3).map(tuple)


any_facts = some.builds(
    Facts,
    at=some.none() | points,
    kind=some.none() | kinds,
    gate=some.none()
    | some.builds(GateRun, points, some.none() | some.booleans(), some.lists(texts, max_size=2).map(tuple)),
    required=_many(some.builds(RequiredCheck, texts, some.none() | numbers)),
    checks=_many(some.builds(CheckRun, numbers, texts, numbers, shas, some.none() | texts)),
    governance=some.none() | governance,
    named=_many(names),
    nodes=some.none()
    | some.dictionaries(names, some.builds(NodeFacts, teams_of, accounts, asked), max_size=3),
    teams=some.none()
    | some.dictionaries(paths, some.builds(Team, some.frozensets(accounts, max_size=3), ages), max_size=4),
    author=some.none() | accounts,
    requester=some.none() | accounts,
    commit_authors=some.none() | makers,
    pushers=some.none() | makers,
    reviews=_many(
        some.builds(
            Review,
            some.integers(1, 99),
            accounts,
            some.sampled_from(list(ReviewState)),
            some.none() | points,
            times,
        )
    ),
    portal_account=some.none() | accounts,
    names=some.dictionaries(accounts, texts, max_size=3),
    unread=some.lists(texts, max_size=2).map(tuple),
    invalid=some.lists(texts, max_size=2).map(tuple),
)
