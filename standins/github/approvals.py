"""Reviews that a merge needs: how many approve, whether somebody else approved the last push, code owners."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from standins.github.auth.access import role_of
from standins.github.codeowners import Owner, owners, read_code_owners
from standins.github.diffs import changed_paths
from standins.github.site import Site
from standins.github.store import PullRequest, Push, Repository, Review, TeamMember

WRITERS = ("push", "maintain", "admin")


def missing_reviews(
    site: Site, repository: Repository, pull: PullRequest, required: Mapping[str, Any]
) -> list[str]:
    """What of `required_pull_request_reviews` this pull request does not have at its present head."""
    opinions = _opinions(site, repository, pull)
    if any(review.state == "CHANGES_REQUESTED" for review in opinions):
        return ["Changes have been requested."]
    approvals = [review for review in opinions if review.state == "APPROVED"]
    count = required.get("required_approving_review_count") or 0
    reasons = [] if len(approvals) >= count else [_too_few(count)]
    if required.get("require_last_push_approval"):
        reasons += _last_push(site, repository, pull, approvals)
    if required.get("require_code_owner_reviews"):
        approvers = {review.account_id for review in approvals}
        reasons += _code_owners(site, repository, pull, approvers)
    return reasons


def code_owners(site: Site, repository: Repository, pull: PullRequest) -> list[list[Owner]]:
    """For each set of owners that the changed paths have: its people and teams."""
    git = site.git(repository)
    base = git.ref(f"refs/heads/{pull.base_ref}")
    file = read_code_owners(git, base) if base else None
    if base is None or file is None:
        return []
    start = git.merge_base(base, pull.head_sha) or base
    names = {file.owners_of(path) for path in changed_paths(git, start, pull.head_sha)}
    found = [owners(site, repository, each) for each in sorted(names)]
    return [each for each in found if each]


def _too_few(count: int) -> str:
    noun = "review is" if count == 1 else "reviews are"
    return f"At least {count} approving {noun} required by reviewers with write access."


def _opinions(site: Site, repository: Repository, pull: PullRequest) -> list[Review]:
    """The last approval or request for changes of each person with write access."""
    opinions: dict[int, Review] = {}
    for review in site.store.find(Review, pull_request_id=pull.id):
        if review.state in ("APPROVED", "CHANGES_REQUESTED"):
            opinions[review.account_id] = review
        elif review.state == "DISMISSED":
            opinions.pop(review.account_id, None)
    people = {account_id: site.account(account_id) for account_id in opinions}
    return [opinions[one] for one, person in people.items() if role_of(site, repository, person) in WRITERS]


def _last_push(
    site: Site, repository: Repository, pull: PullRequest, approvals: Collection[Review]
) -> list[str]:
    """Somebody other than who pushed the head must have approved that head."""
    ref = f"refs/heads/{pull.head_ref}"
    pushes = site.store.find(Push, repository_id=repository.id, ref=ref, newest_first=True, limit=1)
    pusher = pushes[0].account_id if pushes else pull.author_id
    if any(one.commit_id == pull.head_sha and one.account_id != pusher for one in approvals):
        return []
    login = site.account(pusher).login
    return [
        f"New changes require approval from someone other than {login} because they were the last pusher."
    ]


def _code_owners(
    site: Site, repository: Repository, pull: PullRequest, approvers: Collection[int]
) -> list[str]:
    """One owner of each set must have approved."""
    waiting = [
        each
        for each in code_owners(site, repository, pull)
        if not any(_approved(site, owner, approvers) for owner in each)
    ]
    named = [", ".join(owner.name.removeprefix("@") for owner in each) for each in waiting]
    return [f"Waiting on code owner review from {names}." for names in named]


def _approved(site: Site, owner: Owner, approvers: Collection[int]) -> bool:
    if owner.account is not None:
        return owner.account.id in approvers
    assert owner.team is not None
    members = site.store.find(TeamMember, team_id=owner.team.id)
    return any(member.account_id in approvers for member in members)
