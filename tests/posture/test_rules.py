"""What GitHub would let through, as a table: the clean repository, and each way to be otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from governance.posture.facts import Actor, App, Check, Expected, Settings, Untold
from governance.posture.findings import WORDS, Code, Finding
from governance.posture.permissions import PORTAL_PERMISSIONS, levels
from governance.posture.rules import judge
from tests.posture.cases import (
    ACTIONS,
    DECISIONS,
    EVENTS,
    NORTH,
    PORTAL,
    RESULTS,
    URL,
    facts,
    protection,
    ruleset,
    webhook,
)

PINNED = protection().checks
NOT_TOLD = Untold("GitHub did not answer.")


def checks(name: str, app_id: int | None = None, *, kept: bool = True) -> dict[str, Any]:
    """Protection in which one check is pinned to somebody else, or is not required."""
    others = frozenset(each for each in PINNED if each.name != name)
    return {"protection": protection(checks=others | {Check(name, app_id)} if kept else others)}


def permissions(**changes: str) -> dict[str, Any]:
    return {"portal": App({**levels(PORTAL_PERMISSIONS), **changes}, EVENTS)}


def rulesets(*held: Any) -> dict[str, Any]:
    return {"rulesets": held}


MAIN: list[tuple[dict[str, Any], Code]] = [
    ({"protection": None}, Code.MAIN_UNPROTECTED),
    ({"protection": protection(pull_request=False)}, Code.PULL_REQUEST_NOT_REQUIRED),
    ({"protection": protection(passing_by=frozenset({"maintainer"}))}, Code.PULL_REQUEST_PASSED_BY),
    (checks("lockgate/policy", kept=False), Code.POLICY_NOT_REQUIRED),
    (checks("lockgate/policy"), Code.POLICY_NOT_PINNED),
    (checks("lockgate/policy", NORTH), Code.POLICY_NOT_PINNED),
    (checks("gate", kept=False), Code.CHECK_NOT_REQUIRED),
    (checks("ci", kept=False), Code.CHECK_NOT_REQUIRED),
    (checks("gate"), Code.CHECK_NOT_PINNED),
    (checks("ci", PORTAL), Code.CHECK_NOT_PINNED),
    ({"protection": protection(administrators_included=False)}, Code.ADMINISTRATORS_BYPASS),
    ({"protection": protection(teams=None)}, Code.UPDATES_OPEN),
    ({"protection": protection(teams=frozenset({"everybody"}))}, Code.UPDATES_OPEN_TO_OTHERS),
    ({"protection": protection(others=frozenset({"researcher"}))}, Code.UPDATES_OPEN_TO_OTHERS),
    ({"protection": protection(force_pushes=True)}, Code.FORCE_PUSHES),
    ({"protection": protection(deletions=True)}, Code.DELETIONS),
    ({"protection": protection(stale_dismissed=False)}, Code.STALE_REVIEWS_STAND),
    ({"protection": protection(linear_history=True)}, Code.NO_MERGE_COMMITS),
    ({"settings": Settings(True, True, False)}, Code.OTHER_MERGE_METHODS),
    ({"settings": Settings(True, False, True)}, Code.OTHER_MERGE_METHODS),
    ({"settings": Settings(False, False, False)}, Code.NO_MERGE_COMMITS),
    ({"codeowners": False}, Code.CODEOWNERS_MISSING),
]
BRANCHES: list[tuple[dict[str, Any], Code]] = [
    (rulesets(DECISIONS), Code.RESULTS_OPEN),
    (rulesets(RESULTS), Code.DECISIONS_OPEN),
    (rulesets(ruleset("refs/heads/results/**"), DECISIONS), Code.RESULTS_OPEN),
    (rulesets(ruleset(exclude=("refs/heads/results/2*/**/*",)), DECISIONS), Code.RESULTS_OPEN),
    (rulesets(ruleset(rules=frozenset({"creation"})), DECISIONS), Code.RESULTS_OPEN),
    (rulesets(ruleset(rules=frozenset({"update"})), DECISIONS), Code.RESULTS_OPEN),
    (rulesets(ruleset(bypass=RESULTS.bypass | {Actor("Team", 7)}), DECISIONS), Code.RESULTS_OPEN),
    (rulesets(ruleset(bypass=frozenset({Actor("OrganizationAdmin", None)})), DECISIONS), Code.RESULTS_OPEN),
    (rulesets(RESULTS, ruleset("refs/heads/lockgate/decisions", NORTH)), Code.DECISIONS_OPEN),
    (
        rulesets(RESULTS, ruleset("refs/heads/lockgate/decisions", PORTAL, rules=frozenset({"update"}))),
        Code.DECISIONS_OPEN,
    ),
    (rulesets(ruleset(bypass=None), DECISIONS), Code.UNTOLD),
]
APPS: list[tuple[dict[str, Any], Code]] = [
    (permissions(checks="read"), Code.PERMISSION_MISSING),
    (permissions(members="none"), Code.PERMISSION_MISSING),
    (permissions(administration="write"), Code.PERMISSION_TOO_WIDE),
    (permissions(workflows="write"), Code.PERMISSION_TOO_WIDE),
    ({"portal": App(levels(PORTAL_PERMISSIONS), EVENTS - {"membership"})}, Code.EVENT_MISSING),
    ({"nodes": {"north": App({"contents": "write"}, frozenset())}}, Code.PERMISSION_MISSING),
    (
        {"nodes": {"north": App({**facts().nodes["north"].permissions, "checks": "write"}, EVENTS)}},  # type: ignore[union-attr]
        Code.PERMISSION_TOO_WIDE,
    ),
    ({"webhook": webhook(url="")}, Code.WEBHOOK_ELSEWHERE),
    ({"webhook": webhook(url="https://elsewhere.example/")}, Code.WEBHOOK_ELSEWHERE),
    ({"webhook": webhook(is_json=False)}, Code.WEBHOOK_UNSAFE),
    ({"webhook": webhook(verifies_tls=False)}, Code.WEBHOOK_UNSAFE),
    ({"webhook": webhook(has_secret=False)}, Code.WEBHOOK_UNSAFE),
    ({"webhook": webhook(failing=True)}, Code.WEBHOOK_FAILING),
]
PARTS = ("settings", "protection", "rulesets", "codeowners", "actions_app", "portal", "webhook")


def codes(**changes: Any) -> set[Code]:
    return {finding.code for finding in judge(facts(**changes))}


def test_a_repository_made_and_protected_as_designed_is_clean() -> None:
    assert judge(facts()) == ()


@pytest.mark.parametrize(("change", "code"), MAIN + BRANCHES + APPS)
def test_each_looser_setting_is_found_and_nothing_else(change: dict[str, Any], code: Code) -> None:
    assert codes(**change) == {code}


def test_every_code_is_found_by_some_row_of_the_table_and_has_its_words() -> None:
    assert {code for _, code in MAIN + BRANCHES + APPS} == set(Code) == set(WORDS)


@pytest.mark.parametrize("part", PARTS)
def test_what_github_does_not_tell_is_not_clean(part: str) -> None:
    (finding,) = judge(facts(**{part: NOT_TOLD}))
    assert (finding.code, finding.detail) == (Code.UNTOLD, "GitHub did not answer.")


def test_an_app_of_a_node_that_github_does_not_show_is_not_clean() -> None:
    assert judge(facts(nodes={"north": NOT_TOLD})) == (Finding(Code.UNTOLD, "The App of north"),)


def test_of_two_rulesets_the_stricter_counts_even_if_the_other_is_open() -> None:
    loose = ruleset(id=9, bypass=frozenset({Actor("RepositoryRole", 4)}))
    assert judge(facts(rulesets=(loose, RESULTS, DECISIONS))) == ()


def test_a_ruleset_for_every_branch_covers_those_of_results_too() -> None:
    assert judge(facts(rulesets=(ruleset("~ALL"), DECISIONS))) == ()


def test_with_two_nodes_the_branches_are_open_to_both_apps_and_no_third() -> None:
    two = Expected(PORTAL, {"north": NORTH, "south": 3005}, facts().expected.teams, URL)
    both = ruleset(bypass=frozenset({Actor("Integration", NORTH), Actor("Integration", 3005)}))
    assert judge(facts(expected=two, rulesets=(both, DECISIONS))) == ()
    third = ruleset(bypass=both.bypass | {Actor("Integration", PORTAL)})
    assert codes(expected=two, rulesets=(third, DECISIONS)) == {Code.RESULTS_OPEN}


BINDING = {"rules": frozenset({"pull_request"}), "bypass": frozenset()}


def test_merge_methods_and_stale_reviews_may_be_held_by_a_ruleset_that_nobody_bypasses() -> None:
    loose = {"settings": Settings(True, True, True), "protection": protection(stale_dismissed=False)}
    held = {"merge_methods": frozenset({"merge"}), "stale_dismissed": True}
    main = ruleset("~DEFAULT_BRANCH", **BINDING, **held)
    assert judge(facts(rulesets=(RESULTS, DECISIONS, main), **loose)) == ()
    passable = ruleset("~DEFAULT_BRANCH", **{**BINDING, "bypass": frozenset({Actor("Team", 7)})}, **held)
    found = codes(rulesets=(RESULTS, DECISIONS, passable), **loose)
    assert found == {Code.OTHER_MERGE_METHODS, Code.STALE_REVIEWS_STAND}


def test_a_node_repo_has_the_policy_as_its_only_check_and_no_branches_of_results() -> None:
    only = protection(checks=frozenset({Check("lockgate/policy", PORTAL)}))
    assert judge(facts(is_node_repo=True, protection=only, rulesets=())) == ()
    assert Check("gate", ACTIONS) not in only.checks
