"""Protection of one branch: read from GitHub, and set where it differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from lockgate.errors import Conflict
from lockgate.evidence import GitHubClient, GitHubMissing


@dataclass(frozen=True)
class Protection:
    """What matters of a branch's protection; `checks` are (name, App id), `teams` slugs of the owner."""

    checks: frozenset[tuple[str, int | None]]
    teams: frozenset[str] | None
    others: frozenset[str] = frozenset()
    strict: bool = False
    administrators_included: bool = True
    pull_request_required: bool = True
    reviews_counted: int = 0
    stale_dismissed: bool = True
    bypassed: bool = False
    linear_history: bool = False
    force_pushes: bool = False
    deletions: bool = False


def protect_branch(client: GitHubClient, repository: str, branch: str, wanted: Protection) -> bool:
    """Bring the branch to this protection; whether anything changed.

    Raises `Conflict` when GitHub took it but does not show it afterwards, and GitHub's errors.
    """
    path = f"/repos/{repository}/branches/{quote(branch, safe='')}/protection"
    if _present(client, path) == wanted:
        return False
    client.put(path, _body(wanted))
    if _present(client, path) != wanted:
        raise Conflict(
            f"GitHub did not keep the protection of {branch} in {repository} as it was asked to.",
            next_step="Look at the branch's protection and at the organisation's rules on GitHub.",
        )
    return True


def _present(client: GitHubClient, path: str) -> Protection | None:
    try:
        return read_protection(client.get(path))
    except GitHubMissing:
        return None


def read_protection(value: Mapping[str, Any]) -> Protection:
    """What GitHub says of a branch's protection."""
    checks: Mapping[str, Any] = value.get("required_status_checks") or {}
    reviews: Mapping[str, Any] | None = value.get("required_pull_request_reviews")
    restrictions: Mapping[str, Any] | None = value.get("restrictions")
    return Protection(
        checks=frozenset((check["context"], check.get("app_id")) for check in checks.get("checks", [])),
        teams=None if restrictions is None else frozenset(_names(restrictions, "teams", "slug")),
        others=frozenset(_others(restrictions or {})),
        strict=bool(checks.get("strict")),
        administrators_included=_enabled(value, "enforce_admins"),
        pull_request_required=reviews is not None,
        reviews_counted=int((reviews or {}).get("required_approving_review_count") or 0),
        stale_dismissed=bool((reviews or {}).get("dismiss_stale_reviews")),
        bypassed=any(_others_and_teams((reviews or {}).get("bypass_pull_request_allowances") or {})),
        linear_history=_enabled(value, "required_linear_history"),
        force_pushes=_enabled(value, "allow_force_pushes"),
        deletions=_enabled(value, "allow_deletions"),
    )


def _body(wanted: Protection) -> dict[str, Any]:
    """As GitHub's REST API takes it. Who approves is `lockgate/policy`'s affair, so no review is counted."""
    checks = [{"context": name, "app_id": app_id} for name, app_id in sorted(wanted.checks, key=str)]
    reviews = {
        "required_approving_review_count": wanted.reviews_counted,
        "dismiss_stale_reviews": wanted.stale_dismissed,
    }
    return {
        "required_status_checks": {"strict": wanted.strict, "checks": checks},
        "enforce_admins": wanted.administrators_included,
        "required_pull_request_reviews": reviews,
        "restrictions": {"users": [], "teams": sorted(wanted.teams or ()), "apps": []},
        "required_linear_history": wanted.linear_history,
        "allow_force_pushes": wanted.force_pushes,
        "allow_deletions": wanted.deletions,
    }


def _others(listed: Mapping[str, Any]) -> list[str]:
    return [*_names(listed, "users", "login"), *_names(listed, "apps", "slug")]


def _others_and_teams(listed: Mapping[str, Any]) -> list[str]:
    return [*_others(listed), *_names(listed, "teams", "slug")]


def _names(listed: Mapping[str, Any], kind: str, name: str) -> list[str]:
    return [str(each[name]) for each in listed.get(kind) or []]


def _enabled(value: Mapping[str, Any], switch: str) -> bool:
    return bool((value.get(switch) or {}).get("enabled"))
