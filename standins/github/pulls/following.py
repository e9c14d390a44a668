"""What becomes of pull requests when refs move."""

from __future__ import annotations

from typing import Any

from standins.github.clock import now
from standins.github.events import Event
from standins.github.git import ZERO
from standins.github.protection import stale_reviews_dismissed
from standins.github.pulls.reviewers import request_code_owners
from standins.github.site import Site
from standins.github.store import PullRequest, RefUpdate, Repository, Review

BRANCHES = "refs/heads/"


def pull_event(
    site: Site,
    repository: Repository,
    pull: PullRequest,
    action: str,
    account_id: int,
    app_id: int | None,
    **facts: Any,
) -> Event:
    return Event(
        "pull_request",
        action,
        repository,
        sender=site.account(account_id),
        app_id=app_id,
        facts={"pull_request": pull, **facts},
    )


def keep_head_ref(site: Site, repository: Repository, pull: PullRequest) -> None:
    """Sets `refs/pull/N/head`, which stays when the branch goes."""
    git = site.git(repository)
    name = f"refs/pull/{pull.number}/head"
    if git.ref(name) != pull.head_sha:
        git.move_ref(name, pull.head_sha, None)


def follow_refs(site: Site, repository: Repository, moved: RefUpdate) -> list[Event]:
    """Open pull requests from and to a branch that has moved; returns the events."""
    if not moved.ref.startswith(BRANCHES):
        return []
    branch = moved.ref.removeprefix(BRANCHES)
    events: list[Event] = []
    for pull in site.store.find(PullRequest, repository_id=repository.id, state="open", head_ref=branch):
        events += _head_moved(site, repository, pull, moved)
    for pull in site.store.find(PullRequest, repository_id=repository.id, state="open", base_ref=branch):
        events += _base_moved(site, repository, pull, moved)
    return events


def _head_moved(site: Site, repository: Repository, pull: PullRequest, moved: RefUpdate) -> list[Event]:
    if moved.after == ZERO:
        return [_close(site, repository, pull, moved)]
    base = site.git(repository).ref(BRANCHES + pull.base_ref) or pull.base_sha
    pull = site.store.update(pull, head_sha=moved.after, base_sha=base, updated_at=now())
    keep_head_ref(site, repository, pull)
    facts = {"before": moved.before, "after": moved.after}
    events = [
        pull_event(site, repository, pull, "synchronize", moved.account_id, moved.app_id, **facts),
        *_dismiss_stale(site, repository, pull, moved),
        *request_code_owners(site, repository, pull, moved.account_id, moved.app_id),
    ]
    if site.git(repository).is_ancestor(moved.after, base):
        events.append(_close(site, repository, pull, moved))
    return events


def _base_moved(site: Site, repository: Repository, pull: PullRequest, moved: RefUpdate) -> list[Event]:
    if moved.after == ZERO:
        return [_close(site, repository, pull, moved)]
    if pull.id == moved.merges or site.git(repository).is_ancestor(pull.head_sha, moved.after):
        return [_close(site, repository, pull, moved, merge=_merge_commit(site, repository, pull, moved))]
    return []


def _merge_commit(site: Site, repository: Repository, pull: PullRequest, moved: RefUpdate) -> str:
    """The commit that brought the head in: the oldest on the base's own line that contains it."""
    if pull.id == moved.merges:
        return moved.after
    git = site.git(repository)
    span = moved.after if moved.before == ZERO else f"{moved.before}..{moved.after}"
    for sha in git.run("rev-list", "--reverse", "--first-parent", span).split():
        if git.is_ancestor(pull.head_sha, sha):
            return sha
    return moved.after


def _close(
    site: Site, repository: Repository, pull: PullRequest, moved: RefUpdate, merge: str | None = None
) -> Event:
    moment = now()
    merged = {"merge_commit_sha": merge, "merged_by": moved.account_id, "merged_at": moment} if merge else {}
    pull = site.store.update(pull, state="closed", closed_at=moment, updated_at=moment, **merged)
    return pull_event(site, repository, pull, "closed", moved.account_id, moved.app_id)


def _dismiss_stale(site: Site, repository: Repository, pull: PullRequest, moved: RefUpdate) -> list[Event]:
    """Where protection or a rule of the base says so, approvals end with the head that they approved."""
    if not stale_reviews_dismissed(site, repository, pull.base_ref):
        return []
    approvals = site.store.find(Review, pull_request_id=pull.id, state="APPROVED")
    stale = [review for review in approvals if review.commit_id != pull.head_sha]
    dismissed = [site.store.update(review, state="DISMISSED") for review in stale]
    sender = site.account(moved.account_id)
    return [
        Event(
            "pull_request_review",
            "dismissed",
            repository,
            sender=sender,
            app_id=moved.app_id,
            facts={"pull_request": pull, "review": review},
        )
        for review in dismissed
    ]
