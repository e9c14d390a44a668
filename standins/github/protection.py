"""Branch protection: what stands between a ref and its new place. The one implementation, for a
merge, a push and the API alike. Reasons are in GitHub's words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from standins.github.auth.access import role_of
from standins.github.auth.principal import Principal
from standins.github.git import ZERO, GitRepository
from standins.github.site import Site
from standins.github.store import (
    CheckRun,
    Protection,
    PullRequest,
    Push,
    Repository,
    Review,
    TeamMember,
)

PASSING = ("success", "neutral", "skipped")
THROUGH_A_PULL_REQUEST = "Changes must be made through a pull request."
Settings = Mapping[str, Any]


class Refused(Exception):
    """Protection stands in the way."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = tuple(reasons)


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
) -> list[str]:
    """Why this caller may not move this ref directly; empty where nothing is in the way.

    `git` is the repository as a push sees it, with the objects that it brings.
    """
    protection = protection_of(site, repository, ref.removeprefix("refs/heads/"))
    if protection is None or not ref.startswith("refs/heads/"):
        return []
    settings = protection.settings
    if after == ZERO:
        return [] if settings["allow_deletions"] else ["Cannot delete this protected branch"]
    git = git or site.git(repository)
    if before != ZERO and not settings["allow_force_pushes"] and not git.is_ancestor(before, after):
        return ["Cannot force-push to this protected branch"]
    if _bypasses(site, repository, principal, settings):
        return []
    reasons = _restricted(site, principal, settings)
    if needs_pull_request(site, principal, settings):
        reasons.append(THROUGH_A_PULL_REQUEST)
    return reasons + missing_checks(site, repository, settings, after)


def merge_refusals(site: Site, repository: Repository, principal: Principal, pull: PullRequest) -> list[str]:
    """Why protection does not let this caller merge this pull request at its present head."""
    protection = protection_of(site, repository, pull.base_ref)
    if protection is None or _bypasses(site, repository, principal, protection.settings):
        return []
    settings = protection.settings
    reasons = _restricted(site, principal, settings)
    if needs_pull_request(site, principal, settings):
        reasons += _missing_reviews(site, repository, pull, settings["required_pull_request_reviews"])
    return reasons + missing_checks(site, repository, settings, pull.head_sha)


def blocked(site: Site, repository: Repository, pull: PullRequest) -> bool:
    """Whether protection stops everybody's merge now, whoever it is."""
    protection = protection_of(site, repository, pull.base_ref)
    if protection is None:
        return False
    reviews = protection.settings["required_pull_request_reviews"]
    waiting = missing_checks(site, repository, protection.settings, pull.head_sha)
    return bool(waiting or (reviews and _missing_reviews(site, repository, pull, reviews)))


def missing_checks(site: Site, repository: Repository, settings: Settings, sha: str) -> list[str]:
    """Required checks that are not passed on this commit; a check pinned to an App counts from it alone."""
    required = settings["required_status_checks"]
    reasons = []
    for check in required["checks"] if required else ():
        newest = _newest_run(site, repository, sha, check["context"], check["app_id"])
        if newest is None:
            reasons.append(f'Required status check "{check["context"]}" is expected.')
        elif newest.status != "completed":
            reasons.append(f'Required status check "{check["context"]}" is in progress.')
        elif newest.conclusion not in PASSING:
            reasons.append(f'Required status check "{check["context"]}" is failing.')
    return reasons


def _newest_run(
    site: Site, repository: Repository, sha: str, name: str, app_id: int | None
) -> CheckRun | None:
    pinned = {} if app_id is None else {"app_id": app_id}
    runs = site.store.find(CheckRun, repository_id=repository.id, head_sha=sha, newest_first=True, **pinned)
    return next((run for run in runs if run.name == name), None)


def needs_pull_request(site: Site, principal: Principal, settings: Settings) -> bool:
    reviews = settings["required_pull_request_reviews"]
    if reviews is None:
        return False
    allowed = reviews.get("bypass_pull_request_allowances")
    return not (allowed and listed(site, principal, allowed))


def _missing_reviews(site: Site, repository: Repository, pull: PullRequest, required: Settings) -> list[str]:
    opinions = _opinions(site, repository, pull)
    if "CHANGES_REQUESTED" in opinions.values():
        return ["Changes have been requested."]
    approvals = {account for account, state in opinions.items() if state == "APPROVED"}
    if required.get("require_last_push_approval"):
        approvals.discard(_last_pusher(site, repository, pull))
    count = required.get("required_approving_review_count") or 0
    if len(approvals) >= count:
        return []
    noun = "review is" if count == 1 else "reviews are"
    return [f"At least {count} approving {noun} required by reviewers with write access."]


def _opinions(site: Site, repository: Repository, pull: PullRequest) -> dict[int, str]:
    """The last approval or request for changes of each person with write access."""
    opinions: dict[int, str] = {}
    for review in site.store.find(Review, pull_request_id=pull.id):
        if review.state in ("APPROVED", "CHANGES_REQUESTED"):
            opinions[review.account_id] = review.state
        elif review.state == "DISMISSED":
            opinions.pop(review.account_id, None)
    people = [site.account(account_id) for account_id in opinions]
    writers = {one.id for one in people if role_of(site, repository, one) in ("push", "maintain", "admin")}
    return {account_id: state for account_id, state in opinions.items() if account_id in writers}


def _last_pusher(site: Site, repository: Repository, pull: PullRequest) -> int:
    pushes = site.store.find(
        Push, repository_id=repository.id, ref=f"refs/heads/{pull.head_ref}", newest_first=True, limit=1
    )
    return pushes[0].account_id if pushes else 0


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
