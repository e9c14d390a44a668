"""What stands before the default branch.

Protection of the branch must carry it all, for it binds administrators too; merge methods and the
dismissal of reviews may come from a ruleset that nobody bypasses as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from governance.posture.facts import Facts, Protection, Ruleset, Untold
from governance.posture.findings import Code, Finding
from lockgate.policy import POLICY_CHECK

ACTIONS_CHECKS = ("gate", "ci")


def protection(facts: Facts) -> Iterator[Finding]:
    """Whether there is protection, and whether GitHub tells."""
    if isinstance(facts.protection, Untold):
        yield Finding(Code.UNTOLD, f"The protection of {facts.default_branch}", facts.protection.reason)
    elif facts.protection is None:
        yield Finding(Code.MAIN_UNPROTECTED, facts.default_branch)


def pull_request(facts: Facts) -> Iterator[Finding]:
    for held in _protection(facts):
        if not held.pull_request:
            yield Finding(Code.PULL_REQUEST_NOT_REQUIRED)
        if held.passing_by:
            yield Finding(Code.PULL_REQUEST_PASSED_BY, _listed(held.passing_by))


def policy_check(facts: Facts) -> Iterator[Finding]:
    for held in _protection(facts):
        pins = _pins(held, POLICY_CHECK)
        if not pins:
            yield Finding(Code.POLICY_NOT_REQUIRED)
        elif pins != {facts.expected.portal_app}:
            yield Finding(Code.POLICY_NOT_PINNED)


def actions_checks(facts: Facts) -> Iterator[Finding]:
    """Of a Node Repo the policy is the only check."""
    if facts.is_node_repo:
        return
    if isinstance(facts.actions_app, Untold):
        yield Finding(Code.UNTOLD, "Which App Actions are", facts.actions_app.reason)
    for held in _protection(facts):
        for name in ACTIONS_CHECKS:
            pins = _pins(held, name)
            if not pins:
                yield Finding(Code.CHECK_NOT_REQUIRED, name)
            elif pins != {facts.actions_app} and not isinstance(facts.actions_app, Untold):
                yield Finding(Code.CHECK_NOT_PINNED, name)


def administrators(facts: Facts) -> Iterator[Finding]:
    for held in _protection(facts):
        if not held.administrators_included:
            yield Finding(Code.ADMINISTRATORS_BYPASS)


def updates(facts: Facts) -> Iterator[Finding]:
    for held in _protection(facts):
        if held.teams is None:
            yield Finding(Code.UPDATES_OPEN)
            continue
        strangers = (held.teams - facts.expected.teams) | held.others
        if strangers:
            yield Finding(Code.UPDATES_OPEN_TO_OTHERS, _listed(strangers))


def history(facts: Facts) -> Iterator[Finding]:
    for held in _protection(facts):
        if held.force_pushes:
            yield Finding(Code.FORCE_PUSHES)
        if held.deletions:
            yield Finding(Code.DELETIONS)


def stale_reviews(facts: Facts) -> Iterator[Finding]:
    for held in _protection(facts):
        binding = (ruleset.stale_dismissed for ruleset in _binding(facts))
        if not held.stale_dismissed and not any(binding):
            yield Finding(Code.STALE_REVIEWS_STAND)


def merge_methods(facts: Facts) -> Iterator[Finding]:
    """By the repository's settings or by a ruleset, whichever allows less."""
    if isinstance(facts.settings, Untold):
        yield Finding(Code.UNTOLD, "How pull requests are merged", facts.settings.reason)
        return
    settings = facts.settings
    switches = (("merge", settings.merge_commits), ("squash", settings.squash), ("rebase", settings.rebase))
    allowed = {name for name, on in switches if on}
    for ruleset in _binding(facts):
        allowed &= ruleset.merge_methods if ruleset.merge_methods is not None else allowed
    if allowed - {"merge"}:
        yield Finding(Code.OTHER_MERGE_METHODS, _listed(allowed - {"merge"}))
    linear = any(held.linear_history for held in _protection(facts))
    if "merge" not in allowed or linear:
        yield Finding(Code.NO_MERGE_COMMITS)


def codeowners(facts: Facts) -> Iterator[Finding]:
    if isinstance(facts.codeowners, Untold):
        yield Finding(Code.UNTOLD, "Whether there is a CODEOWNERS file", facts.codeowners.reason)
    elif not facts.codeowners:
        yield Finding(Code.CODEOWNERS_MISSING)


def _protection(facts: Facts) -> Iterator[Protection]:
    """The protection, once, where there is one that GitHub told of."""
    if isinstance(facts.protection, Protection):
        yield facts.protection


def _binding(facts: Facts) -> Iterator[Ruleset]:
    """Rulesets of the default branch that bind everybody."""
    return (each for each in facts.rulesets_of(facts.default_branch) if each.bypass == frozenset())


def _pins(held: Protection, name: str) -> set[int | None]:
    return {check.app_id for check in held.checks if check.name == name}


def _listed(names: frozenset[str] | set[str]) -> str:
    return ", ".join(sorted(names))


RULES = (
    protection,
    pull_request,
    policy_check,
    actions_checks,
    administrators,
    updates,
    history,
    stale_reviews,
    merge_methods,
    codeowners,
)
