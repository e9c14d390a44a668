"""The protection that Lockgate asks for, from the numbers and names of a project."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from lockgate.errors import Invalid
from lockgate.policy import POLICY_CHECK
from lockgate.protection.branch import Protection
from lockgate.protection.merging import MergeMethods
from lockgate.protection.rulesets import Ruleset, apps_alone

ACTIONS_APP_ID = 15368
"""GitHub's own Actions App, on github.com."""

ACTIONS_CHECKS = ("gate", "ci")
DECISIONS = "lockgate/decisions"
RESULTS = "results/**/*"
"""As GitHub's patterns have it: every branch below `results/`, however deep."""

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+", re.ASCII)


@dataclass(frozen=True)
class Wanted:
    """`rulesets` has none for `results/` where no App of a node is known: that is not closed then."""

    default_branch: Protection
    rulesets: tuple[Ruleset, ...] = ()
    merging: MergeMethods = field(default_factory=MergeMethods)


def wanted(
    repository: str,
    *,
    portal_app_id: int,
    actions_app_id: int,
    teams: Iterable[str],
    node_app_ids: Iterable[int] = (),
    node_repo: bool = False,
) -> Wanted:
    """Raises `Invalid` for a name that is not OWNER/REPO and for teams of another organisation."""
    if not _REPOSITORY.fullmatch(repository):
        raise Invalid(f"{repository!r} is not OWNER/REPO.")
    owner = repository.partition("/")[0]
    ours = () if node_repo else ACTIONS_CHECKS
    branch = Protection(
        checks=frozenset({(POLICY_CHECK, portal_app_id), *((name, actions_app_id) for name in ours)}),
        teams=frozenset(_slug(team, owner) for team in teams),
    )
    return Wanted(branch, () if node_repo else tuple(_rulesets(portal_app_id, frozenset(node_app_ids))))


def _rulesets(portal_app_id: int, node_app_ids: frozenset[int]) -> Iterable[Ruleset]:
    yield apps_alone("Lockgate: decisions", DECISIONS, frozenset({portal_app_id}))
    if node_app_ids:
        yield apps_alone("Lockgate: results", RESULTS, node_app_ids)


def _slug(team: str, owner: str) -> str:
    organization, slash, slug = team.rpartition("/")
    if slash and organization.lower() != owner.lower():
        raise Invalid(f"{team} is not a team of {owner}, so GitHub cannot restrict the branch to it.")
    return slug
