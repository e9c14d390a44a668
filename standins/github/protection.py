"""What stands between a ref and its new place: the protection of its branch, and rulesets. The one
implementation, for a merge, a push and the API alike. Reasons are in GitHub's words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standins.github.approvals import missing_reviews
from standins.github.auth.access import role_of
from standins.github.auth.principal import Principal
from standins.github.git import ZERO, GitRepository
from standins.github.reasons import Reasons
from standins.github.required_checks import missing_checks
from standins.github.rulesets import (
    THROUGH_A_PULL_REQUEST,
    Step,
    reviews_of,
    rule_merge_refusals,
    rule_refusals,
    rules_on,
    rules_waiting,
)
from standins.github.site import Site
from standins.github.store import Protection, PullRequest, Repository, TeamMember

Settings = Mapping[str, Any]


def protection_of(site: Site, repository: Repository, branch: str) -> Protection | None:
    return site.store.first(Protection, repository_id=repository.id, branch=branch)


def refusals(
    site: Site,
    repository: Repository,
    principal: Principal,
    ref: str,
    before: str,
    after: str,
    git: GitRepository | None = None,
) -> Reasons:
    """Why this caller may not move this ref directly; empty where nothing is in the way.

    `git` is the repository as a push sees it, with the objects that it brings.
    """
    step = Step(site, repository, before, after, git or site.git(repository))
    return Reasons(tuple(_protected(principal, ref, step)), tuple(rule_refusals(principal, ref, step)))


def _protected(principal: Principal, ref: str, step: Step) -> list[str]:
    protection = protection_of(step.site, step.repository, ref.removeprefix("refs/heads/"))
    if protection is None or not ref.startswith("refs/heads/"):
        return []
    site, repository, settings = step.site, step.repository, protection.settings
    if step.after == ZERO:
        return [] if settings["allow_deletions"] else ["Cannot delete this protected branch"]
    forced = step.before != ZERO and not step.git.is_ancestor(step.before, step.after)
    if forced and not settings["allow_force_pushes"]:
        return ["Cannot force-push to this protected branch"]
    if _bypasses(site, repository, principal, settings):
        return []
    reasons = _restricted(site, principal, settings)
    if needs_pull_request(site, principal, settings):
        reasons.append(THROUGH_A_PULL_REQUEST)
    return reasons + missing_checks(site, repository, _checks(settings), step.after)


def merge_refusals(
    site: Site, repository: Repository, principal: Principal, pull: PullRequest, method: str
) -> Reasons:
    """Why nothing lets this caller merge this pull request, in this way, at its present head."""
    protected = _merge_protected(site, repository, principal, pull)
    return Reasons(tuple(protected), tuple(rule_merge_refusals(site, repository, principal, pull, method)))


def _merge_protected(
    site: Site, repository: Repository, principal: Principal, pull: PullRequest
) -> list[str]:
    protection = protection_of(site, repository, pull.base_ref)
    if protection is None or _bypasses(site, repository, principal, protection.settings):
        return []
    settings = protection.settings
    reasons = _restricted(site, principal, settings)
    if needs_pull_request(site, principal, settings):
        reasons += missing_reviews(site, repository, pull, settings["required_pull_request_reviews"])
    return reasons + missing_checks(site, repository, _checks(settings), pull.head_sha)


def blocked(site: Site, repository: Repository, pull: PullRequest) -> bool:
    """Whether protection or rules stop everybody's merge now, whoever it is."""
    protection = protection_of(site, repository, pull.base_ref)
    settings = protection.settings if protection else {}
    reviews = settings.get("required_pull_request_reviews")
    waiting = missing_checks(site, repository, _checks(settings), pull.head_sha)
    missing = missing_reviews(site, repository, pull, reviews) if reviews else []
    return bool(waiting or missing or rules_waiting(site, repository, pull))


def stale_reviews_dismissed(site: Site, repository: Repository, branch: str) -> bool:
    """Whether approvals of pull requests to this branch end with the head that they approved."""
    protection = protection_of(site, repository, branch)
    demands = [reviews_of(rule) for rule in rules_on(site, repository, f"refs/heads/{branch}")]
    if protection is not None:
        demands.append(protection.settings.get("required_pull_request_reviews") or {})
    return any(one.get("dismiss_stale_reviews") for one in demands)


def may_dismiss(site: Site, repository: Repository, principal: Principal, branch: str) -> bool:
    """Where protection names who may dismiss reviews: they, and administrators."""
    protection = protection_of(site, repository, branch)
    reviews = (protection.settings.get("required_pull_request_reviews") or {}) if protection else {}
    named = reviews.get("dismissal_restrictions")
    if named is None or listed(site, principal, named):
        return True
    return principal.account is not None and role_of(site, repository, principal.account) == "admin"


def _checks(settings: Settings) -> list[Mapping[str, Any]]:
    required = settings.get("required_status_checks")
    return list(required["checks"]) if required else []


def needs_pull_request(site: Site, principal: Principal, settings: Settings) -> bool:
    reviews = settings["required_pull_request_reviews"]
    if reviews is None:
        return False
    allowed = reviews.get("bypass_pull_request_allowances")
    return not (allowed and listed(site, principal, allowed))


def _restricted(site: Site, principal: Principal, settings: Settings) -> list[str]:
    if settings.get("lock_branch"):
        return ["Branch is locked"]
    allowed = settings["restrictions"]
    if allowed is None or listed(site, principal, allowed):
        return []
    return ["You're not authorized to push to this branch."]


def listed(site: Site, principal: Principal, allowed: Settings) -> bool:
    """Whether a list of users, teams and Apps (their ids) names the caller."""
    if principal.account is None:
        return False
    if principal.kind == "installation":
        return principal.app_id in allowed["apps"]
    if principal.account.id in allowed["users"]:
        return True
    teams = tuple(allowed["teams"])
    return bool(teams and site.store.first(TeamMember, team_id=teams, account_id=principal.account.id))


def _bypasses(site: Site, repository: Repository, principal: Principal, settings: Settings) -> bool:
    if settings["enforce_admins"] or principal.kind == "installation" or principal.account is None:
        return False
    return role_of(site, repository, principal.account) == "admin"
