"""What both GitHub Apps of Lockgate may do, and what each permission is for.

The one list in the code: posture compares Apps with it, and docs/github-app.md shows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LEVELS = ("none", "read", "write", "admin")


@dataclass(frozen=True)
class Permission:
    """A permission as GitHub's API names it; `why` is the line of the documentation."""

    name: str
    level: str
    why: str


@dataclass(frozen=True)
class Event:
    name: str
    why: str


PORTAL_PERMISSIONS = (
    Permission(
        "contents",
        "write",
        "people commit requests and merge with their own tokens, which can do no more than the App; "
        "the App itself reads with git and writes `lockgate/decisions`",
    ),
    Permission("pull_requests", "write", "people open, review, comment on, merge and close pull requests"),
    Permission("checks", "write", "the App posts `lockgate/policy` and reads what Actions reported"),
    Permission("members", "read", "teams say who is a researcher, a controller, a maintainer"),
    Permission("administration", "read", "branch protection is read before anything is decided"),
    Permission("metadata", "read", "GitHub gives it to every App"),
)
NODE_PERMISSIONS = (
    Permission("contents", "write", "the collector commits `results/…` on its own branches"),
    Permission("pull_requests", "write", "the collector opens result publications and closes older ones"),
    Permission("checks", "read", "the node looks for `lockgate/policy` before it runs or releases"),
    Permission("metadata", "read", "GitHub gives it to every App"),
)
PORTAL_EVENTS = (
    Event("pull_request", "a request, a result or a change was opened, pushed to, merged or closed"),
    Event("pull_request_review", "somebody approved, asked for changes, or a review was dismissed"),
    Event("issue_comment", "somebody said something on a pull request"),
    Event("check_run", "`gate` or `ci` has a result"),
    Event("push", "a branch moved; main says what policy and job types are"),
    Event("team", "a team got or lost a repository"),
    Event("membership", "somebody joined or left a team"),
    Event("member", "somebody got or lost access to a repository"),
    Event("organization", "somebody joined or left the organization"),
    Event("repository", "a repository was renamed, moved or set up differently"),
    Event("branch_protection_rule", "the protection of main was changed"),
    Event("repository_ruleset", "the rules for `results/**` or `lockgate/decisions` were changed"),
)


def levels(permissions: tuple[Permission, ...]) -> Mapping[str, str]:
    """Level by name."""
    return {each.name: each.level for each in permissions}


def below(held: str, needed: str) -> bool:
    """Whether a level is less than another; one that GitHub adds later is above all."""
    return _rank(held) < _rank(needed)


def _rank(level: str) -> int:
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)
