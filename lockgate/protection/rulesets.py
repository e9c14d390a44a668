"""Branches that are left to Apps alone, by a ruleset of the repository."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lockgate.errors import Conflict
from lockgate.evidence import GitHubClient

RULES = frozenset({"creation", "update", "deletion", "non_fast_forward"})
Actor = tuple[str, int | None, str]
"""Kind (`Integration` is an App), number and mode of one who stands above the rules."""


@dataclass(frozen=True)
class Ruleset:
    """What matters of a ruleset; `bypass` None: GitHub does not show it to this token."""

    name: str
    include: frozenset[str]
    bypass: frozenset[Actor] | None
    exclude: frozenset[str] = frozenset()
    rules: frozenset[str] = RULES
    target: str = "branch"
    enforcement: str = "active"


def apps_alone(name: str, pattern: str, apps: frozenset[int]) -> Ruleset:
    """The branches of this pattern, to be made, moved and removed by these Apps and nobody else."""
    above = frozenset[Actor](("Integration", app, "always") for app in apps)
    return Ruleset(name, frozenset({f"refs/heads/{pattern}"}), above)


def keep_ruleset(client: GitHubClient, repository: str, wanted: Ruleset) -> bool:
    """Make the ruleset of this name so, or anew; whether anything changed.

    Raises `Conflict` when GitHub took it but does not show it afterwards, and GitHub's errors.
    """
    path = f"/repos/{repository}/rulesets"
    number = _number(client, path, wanted.name)
    if number is None:
        number = int(client.post(path, _body(wanted))["id"])
    elif read_ruleset(client.get(f"{path}/{number}")) == wanted:
        return False
    else:
        client.put(f"{path}/{number}", _body(wanted))
    if read_ruleset(client.get(f"{path}/{number}")) != wanted:
        raise Conflict(
            f"GitHub did not keep the ruleset “{wanted.name}” of {repository} as it was asked to.",
            next_step="Look at the repository's rulesets on GitHub; the Apps must be installed there.",
        )
    return True


def _number(client: GitHubClient, path: str, name: str) -> int | None:
    """Of the repository's own rulesets alone: those of an organisation are not ours to change."""
    found = client.pages(path, includes_parents="false")
    return next((int(one["id"]) for one in found if one["name"] == name), None)


def read_ruleset(value: Mapping[str, Any]) -> Ruleset:
    """What GitHub says of one ruleset, asked for by its number."""
    names = (value.get("conditions") or {}).get("ref_name") or {}
    actors = value.get("bypass_actors")
    return Ruleset(
        name=str(value["name"]),
        include=frozenset(names.get("include") or ()),
        exclude=frozenset(names.get("exclude") or ()),
        rules=frozenset(str(rule["type"]) for rule in value.get("rules") or ()),
        bypass=None if actors is None else frozenset(_actor(actor) for actor in actors),
        target=str(value.get("target", "")),
        enforcement=str(value["enforcement"]),
    )


def _actor(value: Mapping[str, Any]) -> Actor:
    return str(value["actor_type"]), value.get("actor_id"), str(value.get("bypass_mode", "always"))


def _body(wanted: Ruleset) -> dict[str, Any]:
    """As GitHub's REST API takes it."""
    above = sorted(wanted.bypass or (), key=str)
    return {
        "name": wanted.name,
        "target": wanted.target,
        "enforcement": wanted.enforcement,
        "conditions": {"ref_name": {"include": sorted(wanted.include), "exclude": sorted(wanted.exclude)}},
        "rules": [{"type": kind} for kind in sorted(wanted.rules)],
        "bypass_actors": [
            {"actor_type": kind, "actor_id": number, "bypass_mode": mode} for kind, number, mode in above
        ],
    }
