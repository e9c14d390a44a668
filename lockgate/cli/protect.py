"""`lockgate protect OWNER/REPO`: protect the default branch, with an administrator's token.

A pull request is required, with the portal's policy and Actions' checks pinned to their Apps, administrators
included; not strict, or every merge would lapse every approval; no force push, no deletion; only the teams
named update the branch. Said twice it changes nothing the second time.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from lockgate.errors import Conflict, Invalid
from lockgate.evidence import GitHubClient, GitHubMissing
from lockgate.policy import POLICY_CHECK

ACTIONS_APP_ID = 15368
"""GitHub's own Actions App, on github.com."""

ACTIONS_CHECKS = ("gate", "ci")
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+", re.ASCII)


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
    bypassed: bool = False
    linear_history: bool = False
    force_pushes: bool = False
    deletions: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("repository", metavar="OWNER/REPO")
    parser.add_argument("--github", default="https://github.com", metavar="URL")
    parser.add_argument("--token-env", required=True, metavar="NAME", help="variable with the token")
    parser.add_argument("--app-id", type=int, metavar="ID", help="the portal's App, else LOCKGATE_APP_ID")
    parser.add_argument("--actions-app-id", type=int, default=ACTIONS_APP_ID, metavar="ID")
    parser.add_argument(
        "--teams",
        nargs="+",
        required=True,
        metavar="TEAM[,TEAM]",
        help="teams of the controllers and of the maintainers, as slug or organisation/slug",
    )
    parser.add_argument("--node-repo", action="store_true", help="a Node Repo: its policy is the only check")


def run(arguments: argparse.Namespace) -> int:
    wanted = wanted_protection(
        arguments.repository,
        portal_app_id=arguments.app_id or _portal_app_id(),
        actions_app_id=arguments.actions_app_id,
        teams=[team for given in arguments.teams for team in given.split(",") if team],
        node_repo=arguments.node_repo,
    )
    token = _token(arguments.token_env)
    with GitHubClient(arguments.github, lambda: token) as client:
        branch, changed = protect(client, arguments.repository, wanted)
    print(f"{arguments.repository}: {branch} {'is protected now' if changed else 'was protected already'}.")
    return 0


def wanted_protection(
    repository: str, *, portal_app_id: int, actions_app_id: int, teams: Iterable[str], node_repo: bool = False
) -> Protection:
    """The protection that Lockgate asks for. Raises `Invalid` for teams of another organisation."""
    if not _REPOSITORY.fullmatch(repository):
        raise Invalid(f"{repository!r} is not OWNER/REPO.")
    owner = repository.partition("/")[0]
    ours = () if node_repo else ACTIONS_CHECKS
    return Protection(
        checks=frozenset({(POLICY_CHECK, portal_app_id), *((name, actions_app_id) for name in ours)}),
        teams=frozenset(_slug(team, owner) for team in teams),
    )


def protect(client: GitHubClient, repository: str, wanted: Protection) -> tuple[str, bool]:
    """Bring the default branch to this protection: (branch, whether anything changed).

    Raises `Conflict` when GitHub took it but does not show it afterwards, and GitHub's errors.
    """
    branch = str(client.get(f"/repos/{repository}")["default_branch"])
    path = f"/repos/{repository}/branches/{quote(branch, safe='')}/protection"
    if _present(client, path) == wanted:
        return branch, False
    client.put(path, _body(wanted))
    if _present(client, path) != wanted:
        raise Conflict(
            f"GitHub did not keep the protection of {branch} in {repository} as it was asked to.",
            next_step="Look at the branch's protection and at the organisation's rules on GitHub.",
        )
    return branch, True


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
        bypassed=any(_others_and_teams((reviews or {}).get("bypass_pull_request_allowances") or {})),
        linear_history=_enabled(value, "required_linear_history"),
        force_pushes=_enabled(value, "allow_force_pushes"),
        deletions=_enabled(value, "allow_deletions"),
    )


def _body(wanted: Protection) -> dict[str, Any]:
    """As GitHub's REST API takes it. Who approves is `lockgate/policy`'s affair, so no review is counted."""
    checks = [{"context": name, "app_id": app_id} for name, app_id in sorted(wanted.checks, key=str)]
    return {
        "required_status_checks": {"strict": wanted.strict, "checks": checks},
        "enforce_admins": wanted.administrators_included,
        "required_pull_request_reviews": {"required_approving_review_count": wanted.reviews_counted},
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


def _slug(team: str, owner: str) -> str:
    organization, slash, slug = team.rpartition("/")
    if slash and organization.lower() != owner.lower():
        raise Invalid(f"{team} is not a team of {owner}, so GitHub cannot restrict the branch to it.")
    return slug


def _portal_app_id() -> int:
    given = os.environ.get("LOCKGATE_APP_ID", "")
    if not given.isdigit():
        raise Invalid("The portal's App is not known.", next_step="Give --app-id or set LOCKGATE_APP_ID.")
    return int(given)


def _token(variable: str) -> str:
    token = os.environ.get(variable, "").strip()
    if not token:
        raise Invalid(
            f"The variable {variable} holds no token.", next_step="Set it to an administrator's token."
        )
    return token
