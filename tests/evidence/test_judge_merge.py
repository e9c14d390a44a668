"""A merge is approved only on full evidence; what is wrong is held for good, what is unknown waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lockgate.evidence import (
    SETTLES_WITHIN,
    Approved,
    Expected,
    GateResult,
    Held,
    MergeFacts,
    PolicyRun,
    PullRequest,
    Undecided,
    judge_merge,
)
from lockgate.formats import Kind

BASE, HEAD, MERGE, OTHER = ("b" * 40, "a" * 40, "c" * 40, "d" * 40)
PORTAL_APP, ACTIONS_APP = 3001, 15368
EXPECTED = Expected("health/heart", "main", PORTAL_APP)
PULL = PullRequest(7, 1001, "health/heart", "main", HEAD, merged=True, merge=MERGE)
POLICY = PolicyRun(50, "lockgate/policy", PORTAL_APP, HEAD, "success")
CLEAN = GateResult(clean=True, kind=Kind.JOB_REQUEST, request="2026-11-23-x-k3f9", nodes=("north",))
GOOD = MergeFacts(MERGE, (BASE, HEAD), timedelta(hours=1), (PULL,), (POLICY,), {7: CLEAN})


def test_a_merge_with_full_evidence_is_approved_and_says_what_it_is() -> None:
    approved = Approved(7, 1001, HEAD, MERGE, Kind.JOB_REQUEST, "2026-11-23-x-k3f9", ("north",))
    assert judge_merge(GOOD, EXPECTED) == approved


def pull(**changes: object) -> MergeFacts:
    return replace(GOOD, pull_requests=(replace(PULL, **changes),))  # type: ignore[arg-type]


def policy(**changes: object) -> MergeFacts:
    return replace(GOOD, policy_runs=(replace(POLICY, **changes),))  # type: ignore[arg-type]


def runs(*more: PolicyRun) -> MergeFacts:
    return replace(GOOD, policy_runs=(POLICY, *more))


def gate(**changes: object) -> MergeFacts:
    return replace(GOOD, gates={7: replace(CLEAN, **changes)})  # type: ignore[arg-type]


YOUNG = {"age": SETTLES_WITHIN - timedelta(seconds=1)}

TABLE = [
    ("no second parent", replace(GOOD, parents=(BASE,)), Held),
    ("a merge of three", replace(GOOD, parents=(BASE, HEAD, OTHER)), Held),
    ("no parent at all", replace(GOOD, parents=()), Held),
    ("pushed past the gate", replace(GOOD, pull_requests=()), Held),
    ("pushed a moment ago", replace(GOOD, pull_requests=(), **YOUNG), Undecided),
    ("not merged", pull(merged=False), Held),
    ("merged by another commit", pull(merge=OTHER), Held),
    ("merged by no commit named", pull(merge=None), Held),
    ("another head merged", pull(head=OTHER), Held),
    ("merged to another branch", pull(base_ref="side"), Held),
    ("a fork's own pull request", pull(base_repository="someone/heart"), Held),
    ("the same repository in other letters", pull(base_repository="Health/Heart"), Approved),
    ("GitHub did not tell the pull requests", replace(GOOD, pull_requests=None), Undecided),
    ("GitHub did not tell the checks", replace(GOOD, policy_runs=None), Undecided),
    ("policy never posted", replace(GOOD, policy_runs=()), Held),
    ("policy posted by Actions", policy(app_id=ACTIONS_APP), Held),
    ("policy posted by no App", policy(app_id=None), Held),
    ("policy posted on another head", policy(head=OTHER), Held),
    ("another check is green", policy(name="gate"), Held),
    ("policy failed", policy(conclusion="failure"), Held),
    ("policy in progress", policy(conclusion=None), Held),
    ("policy neutral", policy(conclusion="neutral"), Held),
    ("policy skipped", policy(conclusion="skipped"), Held),
    ("a newer failure", runs(replace(POLICY, id=51, conclusion="failure")), Held),
    ("an older failure", runs(replace(POLICY, id=49, conclusion="failure")), Approved),
    (
        "a newer failure by Actions",
        runs(replace(POLICY, id=51, app_id=ACTIONS_APP, conclusion="failure")),
        Approved,
    ),
    ("the gate refuses", gate(clean=False, problems=("jobs/x.yaml: bad",)), Held),
    ("clean, yet with problems", gate(problems=("jobs/x.yaml: bad",)), Held),
    ("the gate could not tell", gate(clean=None), Undecided),
    ("the gate was not run", replace(GOOD, gates={}), Undecided),
    ("clean, yet of no kind", gate(kind=None), Held),
    ("no policy and no gate", replace(GOOD, policy_runs=(), gates={}), Held),
]


@pytest.mark.parametrize(("facts", "outcome"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_one_fact_decides(facts: MergeFacts, outcome: type) -> None:
    judgement = judge_merge(facts, EXPECTED)
    assert isinstance(judgement, outcome)
    if not isinstance(judgement, Approved):
        assert judgement.reason


def test_maintainers_may_vouch_for_a_merge_whose_checks_are_gone_but_not_for_what_the_gate_refuses() -> None:
    vouched = replace(EXPECTED, approved_before=frozenset({MERGE}))
    lost = replace(GOOD, policy_runs=())
    assert isinstance(judge_merge(lost, vouched), Approved)
    assert isinstance(judge_merge(replace(lost, gates={7: GateResult(clean=False)}), vouched), Held)
    assert isinstance(judge_merge(replace(lost, pull_requests=()), vouched), Held)


def test_of_two_pull_requests_merged_at_once_the_one_that_the_gate_passes_counts() -> None:
    copy = replace(PULL, number=6, author=1006)
    both = replace(GOOD, pull_requests=(copy, PULL), gates={6: GateResult(clean=False), 7: CLEAN})
    judgement = judge_merge(both, EXPECTED)
    assert isinstance(judgement, Approved)
    assert judgement.pull_request == 7


@given(some.sets(some.sampled_from(["pull_requests", "policy_runs", "gates"]), min_size=1))
def test_what_could_not_be_read_is_undecided_and_never_held(unread: set[str]) -> None:
    nothing = {"pull_requests": None, "policy_runs": None, "gates": {}}
    facts = replace(GOOD, **{name: nothing[name] for name in unread})  # type: ignore[arg-type]
    assert isinstance(judge_merge(facts, EXPECTED), Undecided)
