"""Rulesets: rules for every branch that a pattern names, also for those that do not exist yet.

They lie over the protection of a branch; of all that applies, each must be kept. What is not a known
type of rule never gets into the store.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from standins.github.approvals import missing_reviews
from standins.github.auth.access import role_of
from standins.github.auth.principal import Principal
from standins.github.git import ZERO, GitRepository
from standins.github.required_checks import missing_checks
from standins.github.site import Site
from standins.github.store import Membership, PullRequest, Repository, Ruleset, TeamMember

TYPES = (
    "creation",
    "update",
    "deletion",
    "non_fast_forward",
    "required_linear_history",
    "pull_request",
    "required_status_checks",
    "merge_queue",
)
THROUGH_A_PULL_REQUEST = "Changes must be made through a pull request."
THROUGH_THE_QUEUE = "Changes must be made through the merge queue"
NO_MERGE_COMMITS = "This branch must not contain merge commits."
# GitHub's numbers of the roles that may stand above a ruleset.
_ROLES = {2: ("maintain", "admin"), 4: ("push", "maintain", "admin"), 5: ("admin",)}


@dataclass(frozen=True)
class Rule:
    ruleset: Ruleset
    type: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """A ref about to move; `git` has the objects that come with it."""

    site: Site
    repository: Repository
    before: str
    after: str
    git: GitRepository


def rules_on(site: Site, repository: Repository, ref: str) -> list[Rule]:
    """What the active rulesets say of this full ref name."""
    found = site.store.find(Ruleset, repository_id=repository.id, enforcement="active")
    sets = [ruleset for ruleset in found if _names(ruleset, repository, ref)]
    return [Rule(one, rule["type"], rule.get("parameters") or {}) for one in sets for rule in one.rules]


def rule_refusals(principal: Principal, ref: str, step: Step) -> list[str]:
    """Why this caller may not make this step directly."""
    reasons: list[str] = []
    for rule in rules_on(step.site, step.repository, ref):
        if bypass_of(step.site, step.repository, principal, rule.ruleset) not in ("always", "exempt"):
            reasons += _against_step(rule, step)
    return list(dict.fromkeys(reasons))


def rule_merge_refusals(
    site: Site, repository: Repository, principal: Principal, pull: PullRequest, method: str
) -> list[str]:
    """Why this caller may not merge this pull request, in this way, at its present head."""
    reasons: list[str] = []
    for rule in rules_on(site, repository, f"refs/heads/{pull.base_ref}"):
        if bypass_of(site, repository, principal, rule.ruleset) == "never":
            reasons += _against_merge(site, repository, pull, rule, method)
    return list(dict.fromkeys(reasons))


def rules_waiting(site: Site, repository: Repository, pull: PullRequest) -> bool:
    """Whether checks or reviews that rules demand are not there yet."""
    kinds = ("pull_request", "required_status_checks")
    rules = rules_on(site, repository, f"refs/heads/{pull.base_ref}")
    return any(_against_merge(site, repository, pull, rule, "") for rule in rules if rule.type in kinds)


def reviews_of(rule: Rule) -> dict[str, Any]:
    """The parameters of a `pull_request` rule, in the words of branch protection."""
    given = rule.parameters
    return {
        "dismiss_stale_reviews": given.get("dismiss_stale_reviews_on_push"),
        "require_code_owner_reviews": given.get("require_code_owner_review"),
        "require_last_push_approval": given.get("require_last_push_approval"),
        "required_approving_review_count": given.get("required_approving_review_count"),
    }


def checks_of(rule: Rule) -> list[dict[str, Any]]:
    """The checks of a `required_status_checks` rule, as {"context", "app_id"}."""
    found = rule.parameters.get("required_status_checks", ())
    return [{"context": one["context"], "app_id": one.get("integration_id")} for one in found]


def bypass_of(site: Site, repository: Repository, principal: Principal, ruleset: Ruleset) -> str:
    """always | exempt | pull_requests_only | never: how far this caller stands above the ruleset."""
    modes = {
        actor.get("bypass_mode", "always")
        for actor in ruleset.bypass_actors
        if _is(site, repository, principal, actor)
    }
    for mode in ("always", "exempt"):
        if mode in modes:
            return mode
    return "pull_requests_only" if modes else "never"


def matches(pattern: str, ref: str) -> bool:
    """As Ruby's `File.fnmatch` with FNM_PATHNAME: `*` stays within one part, `**/` crosses any number."""
    wild = {"**/": "(?:[^/]+/)*", "*": "[^/]*", "**": "[^/]*", "?": "[^/]"}
    parts = re.split(r"((?:(?<=/)|^)\*\*/|\*\*|\*|\?|\[[^\]]+\])", pattern)
    expression = "".join(
        part if part.startswith("[") and part.endswith("]") else wild.get(part, re.escape(part))
        for part in parts
        if part
    )
    return re.fullmatch(expression, ref) is not None


def _names(ruleset: Ruleset, repository: Repository, ref: str) -> bool:
    if not ref.startswith("refs/tags/" if ruleset.target == "tag" else "refs/heads/"):
        return False
    condition = ruleset.conditions.get("ref_name", {})

    def named(patterns: list[str]) -> bool:
        default = f"refs/heads/{repository.default_branch}"
        words = {"~ALL": "refs/**/*", "~DEFAULT_BRANCH": default}
        return any(matches(words.get(pattern, pattern), ref) for pattern in patterns)

    return named(condition.get("include", [])) and not named(condition.get("exclude", []))


def _is(site: Site, repository: Repository, principal: Principal, actor: Mapping[str, Any]) -> bool:
    """Whether the caller is this actor. A person through an App is the person, not the App."""
    account, kind, number = principal.account, actor["actor_type"], actor.get("actor_id")
    if principal.kind == "installation":
        return bool(kind == "Integration" and principal.app_id == number)
    if account is None or principal.kind not in ("personal", "user"):
        return False
    if kind == "Team":
        return site.store.first(TeamMember, team_id=number, account_id=account.id) is not None
    if kind == "User":
        return bool(account.id == number)
    if kind == "RepositoryRole":
        return role_of(site, repository, account) in _ROLES.get(number or 0, ())
    owner = {"organization_id": repository.owner_id, "account_id": account.id, "role": "admin"}
    return kind == "OrganizationAdmin" and site.store.first(Membership, **owner) is not None


def _against_step(rule: Rule, step: Step) -> list[str]:
    created, deleted = step.before == ZERO, step.after == ZERO
    if rule.type == "deletion":
        return ["Cannot delete this protected ref."] if deleted else []
    if deleted:
        return []
    if rule.type == "creation":
        return ["Cannot create ref due to creations being restricted."] if created else []
    if rule.type == "update":
        return [] if created else ["Cannot update this protected ref."]
    if rule.type == "non_fast_forward":
        forced = not created and not step.git.is_ancestor(step.before, step.after)
        return ["Cannot force-push to this branch"] if forced else []
    if rule.type == "pull_request":
        return [THROUGH_A_PULL_REQUEST]
    if rule.type == "merge_queue":
        return [THROUGH_THE_QUEUE]
    if rule.type == "required_linear_history":
        return [NO_MERGE_COMMITS] if _brings_merges(step) else []
    if created and rule.parameters.get("do_not_enforce_on_create"):
        return []
    return missing_checks(step.site, step.repository, checks_of(rule), step.after)


def _brings_merges(step: Step) -> bool:
    known = [step.before] if step.before != ZERO else step.git.refs("refs/heads/").values()
    others = [f"^{sha}" for sha in known]
    return bool(step.git.run("rev-list", "--min-parents=2", "--max-count=1", step.after, *others).strip())


def _against_merge(
    site: Site, repository: Repository, pull: PullRequest, rule: Rule, method: str
) -> list[str]:
    """`method` "" asks for nobody's way of merging."""
    if rule.type == "update":
        return ["Cannot update this protected ref."]
    if rule.type == "merge_queue":
        return [THROUGH_THE_QUEUE]
    if rule.type == "required_linear_history":
        return [NO_MERGE_COMMITS] if method == "merge" else []
    if rule.type == "required_status_checks":
        return missing_checks(site, repository, checks_of(rule), pull.head_sha)
    if rule.type != "pull_request":
        return []
    allowed = rule.parameters.get("allowed_merge_methods")
    wrong = (
        [f"Merge method {method} is not allowed here."] if allowed and method not in ("", *allowed) else []
    )
    return wrong + missing_reviews(site, repository, pull, reviews_of(rule))
