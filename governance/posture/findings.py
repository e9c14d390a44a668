"""What posture can find, in words: how bad it is, what it means for the data, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """OPEN: somebody could get past a gate on GitHub. WEAK: a guard less. UNTOLD: not known, so not clean."""

    OPEN = "open"
    WEAK = "weak"
    UNTOLD = "untold"


class Code(StrEnum):
    MAIN_UNPROTECTED = "main_unprotected"
    PULL_REQUEST_NOT_REQUIRED = "pull_request_not_required"
    PULL_REQUEST_PASSED_BY = "pull_request_passed_by"
    POLICY_NOT_REQUIRED = "policy_not_required"
    POLICY_NOT_PINNED = "policy_not_pinned"
    CHECK_NOT_REQUIRED = "check_not_required"
    CHECK_NOT_PINNED = "check_not_pinned"
    ADMINISTRATORS_BYPASS = "administrators_bypass"
    UPDATES_OPEN = "updates_open"
    UPDATES_OPEN_TO_OTHERS = "updates_open_to_others"
    FORCE_PUSHES = "force_pushes"
    DELETIONS = "deletions"
    STALE_REVIEWS_STAND = "stale_reviews_stand"
    OTHER_MERGE_METHODS = "other_merge_methods"
    NO_MERGE_COMMITS = "no_merge_commits"
    RESULTS_OPEN = "results_open"
    DECISIONS_OPEN = "decisions_open"
    CODEOWNERS_MISSING = "codeowners_missing"
    PERMISSION_MISSING = "permission_missing"
    PERMISSION_TOO_WIDE = "permission_too_wide"
    EVENT_MISSING = "event_missing"
    WEBHOOK_ELSEWHERE = "webhook_elsewhere"
    WEBHOOK_UNSAFE = "webhook_unsafe"
    WEBHOOK_FAILING = "webhook_failing"
    UNTOLD = "untold"


@dataclass(frozen=True)
class Finding:
    """One thing found: `code` and `about` are the same as long as the thing is; `detail` may change."""

    code: Code
    about: str = ""
    detail: str = field(default="", compare=False)


@dataclass(frozen=True)
class Words:
    """`page` is the place on GitHub, below the repository, where it is mended."""

    severity: Severity
    title: str
    means: str
    mend: str
    page: str


PROTECT = "Run “lockgate protect” on this repository."
BRANCHES, RULES, SETTINGS = "settings/branches", "settings/rules", "settings"
APP = "settings/installations"
OPEN, WEAK = Severity.OPEN, Severity.WEAK

WORDS: dict[Code, Words] = {
    Code.MAIN_UNPROTECTED: Words(
        OPEN,
        "The default branch is not protected",
        "Whoever can push changes jobs, results and policy with no gate. The node holds such work, "
        "but the code that it runs is what stands there.",
        PROTECT,
        BRANCHES,
    ),
    Code.PULL_REQUEST_NOT_REQUIRED: Words(
        OPEN,
        "A pull request is not required",
        "Whoever may update the default branch can push to it, and nobody is asked.",
        PROTECT,
        BRANCHES,
    ),
    Code.PULL_REQUEST_PASSED_BY: Words(
        OPEN,
        "Some need no pull request",
        "They can push to the default branch, and nobody is asked.",
        PROTECT,
        BRANCHES,
    ),
    Code.POLICY_NOT_REQUIRED: Words(
        OPEN,
        "lockgate/policy is not required",
        "A pull request can be merged on GitHub before the controllers' quorum is met.",
        PROTECT,
        BRANCHES,
    ),
    Code.POLICY_NOT_PINNED: Words(
        OPEN,
        "lockgate/policy is not pinned to the portal's App",
        "Whoever can push can post a check of that name, and merge without a quorum.",
        PROTECT,
        BRANCHES,
    ),
    Code.CHECK_NOT_REQUIRED: Words(
        WEAK,
        "A check of Actions is not required",
        "What Actions refuse could be merged on GitHub, where the policy lets it pass.",
        PROTECT,
        BRANCHES,
    ),
    Code.CHECK_NOT_PINNED: Words(
        WEAK,
        "A check is not pinned to Actions",
        "Another App, or whoever can push, can report it as passed.",
        PROTECT,
        BRANCHES,
    ),
    Code.ADMINISTRATORS_BYPASS: Words(
        OPEN,
        "Administrators may bypass the protection",
        "An administrator can merge or push without approval; only the node would then hold the work.",
        PROTECT,
        BRANCHES,
    ),
    Code.UPDATES_OPEN: Words(
        OPEN,
        "Updates of the default branch are not restricted",
        "Whoever can push, a researcher too, can merge what others approved, at a time of their choice.",
        PROTECT,
        BRANCHES,
    ),
    Code.UPDATES_OPEN_TO_OTHERS: Words(
        WEAK,
        "Others than controllers and maintainers may update the default branch",
        "They can merge what was approved, at a time of their choice.",
        PROTECT,
        BRANCHES,
    ),
    Code.FORCE_PUSHES: Words(
        OPEN,
        "The default branch may be force-pushed",
        "What was requested, approved and released could be rewritten. The node stops then.",
        PROTECT,
        BRANCHES,
    ),
    Code.DELETIONS: Words(
        OPEN,
        "The default branch may be deleted",
        "What was requested, approved and released could be lost. The node stops then.",
        PROTECT,
        BRANCHES,
    ),
    Code.STALE_REVIEWS_STAND: Words(
        WEAK,
        "Reviews stay after a push",
        "GitHub goes on showing an approval that was given for something else. The policy lets it lapse.",
        PROTECT,
        BRANCHES,
    ),
    Code.OTHER_MERGE_METHODS: Words(
        WEAK,
        "Other merges than merge commits are allowed",
        "A squashed or rebased merge is another commit than the approved one: the node holds its work.",
        PROTECT,
        SETTINGS,
    ),
    Code.NO_MERGE_COMMITS: Words(
        WEAK,
        "Merge commits are not allowed",
        "Nothing can be merged in a way that the node takes for approved.",
        PROTECT,
        SETTINGS,
    ),
    Code.RESULTS_OPEN: Words(
        OPEN,
        "Branches of results are open to others than the node",
        "Somebody could put other files on a branch from which results are reviewed and released.",
        PROTECT,
        RULES,
    ),
    Code.DECISIONS_OPEN: Words(
        OPEN,
        "The branch lockgate/decisions is open to others than the portal",
        "The record of who decided what, and on what facts, could be changed.",
        PROTECT,
        RULES,
    ),
    Code.CODEOWNERS_MISSING: Words(
        WEAK,
        "There is no CODEOWNERS file",
        "GitHub asks nobody for a review, so a request may wait unseen by those who have no portal open.",
        "Add the file CODEOWNERS by a pull request; “lockgate new” makes one.",
        "tree/HEAD",
    ),
    Code.PERMISSION_MISSING: Words(
        WEAK,
        "An App lacks a permission",
        "Lockgate cannot do a part of its work here.",
        "Set the App's permissions as docs/github-app.md lists them; the organization then accepts them.",
        APP,
    ),
    Code.PERMISSION_TOO_WIDE: Words(
        WEAK,
        "An App may do more than it needs",
        "Whoever steals its key, or a person's token, can do more here than Lockgate ever does.",
        "Set the App's permissions as docs/github-app.md lists them.",
        APP,
    ),
    Code.EVENT_MISSING: Words(
        WEAK,
        "The App does not hear of all events",
        "What happens on GitHub is seen late, by the periodic pass alone.",
        "Subscribe the App to the events that docs/github-app.md lists.",
        APP,
    ),
    Code.WEBHOOK_ELSEWHERE: Words(
        WEAK,
        "GitHub does not deliver events to this portal",
        "What happens on GitHub is seen late, by the periodic pass alone.",
        "Set the webhook's address in the App's settings, as docs/github-app.md says.",
        APP,
    ),
    Code.WEBHOOK_UNSAFE: Words(
        WEAK,
        "The webhook is not set safely",
        "Others could read what GitHub tells the portal, or the portal refuses what it is told.",
        "In the App's settings choose JSON, verify TLS, and set the secret, as docs/github-app.md says.",
        APP,
    ),
    Code.WEBHOOK_FAILING: Words(
        WEAK,
        "Deliveries of the webhook fail",
        "What happens on GitHub is seen late, by the periodic pass alone.",
        "Look at the last deliveries in the App's settings, and whether GitHub reaches the portal.",
        APP,
    ),
    Code.UNTOLD: Words(
        Severity.UNTOLD,
        "Could not be told",
        "Lockgate does not know whether this is safe, and does not take it for safe.",
        "Check the App's permissions. Who may bypass a ruleset GitHub shows to administrators alone: "
        "run “manage.py posture --token-env NAME” with an administrator's token.",
        RULES,
    ),
}


def words(finding: Finding) -> Words:
    return WORDS[finding.code]
