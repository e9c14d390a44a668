"""What a webhook delivery hints at: where to look, and nothing of what it says is there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

LARGEST_ID = 2**63
LARGEST_NUMBER = 2**31
CHECKS = ("check_run", "check_suite", "workflow_run")


@dataclass(frozen=True)
class Hint:
    """Empty or None where the delivery does not say; `number` is that of the one pull request named."""

    action: str
    repository: str  # owner/name
    repository_id: int | None
    number: int | None
    head_sha: str  # of a check or status
    organization: str
    team: str
    installation: int | None
    account: int | None  # who did it


def read_hint(body: bytes) -> Hint | None:
    """The hint of a delivery's body; None where it is no JSON object. Fields that are odd are left out."""
    try:
        said = json.loads(body)
    except ValueError:
        return None
    if not isinstance(said, dict):
        return None
    repository = _entry(said, "repository")
    return Hint(
        action=_text(said.get("action"), 60),
        repository=_text(repository.get("full_name"), 200),
        repository_id=_id(repository.get("id")),
        number=_number(said),
        head_sha=_head(said),
        organization=_organization(said),
        team=_text(_entry(said, "team").get("slug"), 100),
        installation=_id(_entry(said, "installation").get("id")),
        account=_id(_entry(said, "sender").get("id")),
    )


def _number(said: dict[str, Any]) -> int | None:
    found = _entry(said, "pull_request").get("number") or _entry(said, "issue").get("number")
    if found is None:
        named = _check(said).get("pull_requests")
        if isinstance(named, list) and len(named) == 1 and isinstance(named[0], dict):
            found = named[0].get("number")
    return found if _is_id(found) and found < LARGEST_NUMBER else None


def _head(said: dict[str, Any]) -> str:
    """A status has its commit at the top."""
    return _text(_check(said).get("head_sha") or said.get("sha"), 40)


def _check(said: dict[str, Any]) -> dict[str, Any]:
    return next((entry for name in CHECKS if (entry := _entry(said, name))), {})


def _organization(said: dict[str, Any]) -> str:
    """The organisation, or the account that the App is installed on."""
    account = _entry(_entry(said, "installation"), "account")
    return _text(_entry(said, "organization").get("login") or account.get("login"), 100)


def _entry(said: dict[str, Any], name: str) -> dict[str, Any]:
    value = said.get(name)
    return value if isinstance(value, dict) else {}


def _text(value: Any, longest: int) -> str:
    return value.replace("\0", "")[:longest] if isinstance(value, str) else ""


def _id(value: Any) -> int | None:
    return value if _is_id(value) else None


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < LARGEST_ID
