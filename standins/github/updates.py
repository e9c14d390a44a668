"""Moving refs, and all that follows from it: activity, pull requests, events.

Whatever moves a ref (a push, the API, a merge) goes through here: an intent is written, the ref is
moved by compare-and-swap, the consequences are recorded in one transaction, the events go out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from standins.github.auth.principal import Principal
from standins.github.clock import now
from standins.github.events import Event
from standins.github.git import ZERO, GitRepository, RefMoved
from standins.github.protection import refusals
from standins.github.pulls.following import follow_refs
from standins.github.reasons import Reasons, Refused
from standins.github.site import Site
from standins.github.store import PullRequest, Push, RefUpdate, Repository
from standins.github.workflow_files import workflow_refusals


@dataclass(frozen=True)
class Move:
    """A ref on its way; ZERO as `before` creates it, as `after` deletes it."""

    ref: str
    before: str
    after: str


def move_ref(site: Site, repository: Repository, principal: Principal, move: Move) -> None:
    """Moves one ref if the protection of its branch lets this caller.

    Raises `Refused` (protection, rules), `RefMoved` (the ref is elsewhere); then nothing has changed.
    """
    with site.lock(repository):
        reasons = reasons_against(site, repository, principal, move, site.git(repository))
        if reasons:
            raise Refused(reasons)
        events = apply_move(site, repository, principal, move)
    site.bus.emit(*events)


def reasons_against(
    site: Site, repository: Repository, principal: Principal, move: Move, git: GitRepository
) -> Reasons:
    """Why this caller may not make this move; `git` is the repository with the objects it brings."""
    found = refusals(site, repository, principal, move.ref, move.before, move.after, git)
    workflows = workflow_refusals(site, repository, principal, move.before, move.after, git)
    return Reasons((*found.protection, *workflows), found.rules)


def apply_move(
    site: Site, repository: Repository, principal: Principal, move: Move, merges: PullRequest | None = None
) -> list[Event]:
    """Moves a ref without asking whether it may; the caller holds the lock and emits the events after."""
    (intent,) = intend(site, repository, principal, [move], merges)
    try:
        site.git(repository).move_ref(move.ref, move.after, move.before)
    except RefMoved:
        site.store.delete(RefUpdate, id=intent.id)
        raise
    return settle(site, repository, intent)


def intend(
    site: Site,
    repository: Repository,
    principal: Principal,
    moves: Sequence[Move],
    merges: PullRequest | None = None,
) -> list[RefUpdate]:
    """Writes down that these refs are about to move."""
    assert principal.account is not None
    account, app, pull = principal.account.id, principal.app_id, merges.id if merges else None
    with site.store.transaction():
        return [
            site.store.insert(
                RefUpdate(0, repository.id, account, app, move.ref, move.before, move.after, pull)
            )
            for move in moves
        ]


def settle(site: Site, repository: Repository, intent: RefUpdate) -> list[Event]:
    """Records what follows from a move; drops the intent of a move that did not happen.

    Returns the events to emit once no lock is held. To be called with the repository's lock.
    """
    git = site.git(repository)
    if (git.ref(intent.ref) or ZERO) != intent.after:
        site.store.delete(RefUpdate, id=intent.id)
        return []
    forced = _forced(site, repository, intent)
    with site.store.transaction():
        site.store.delete(RefUpdate, id=intent.id)
        site.store.insert(_activity(repository, intent, forced))
        site.store.update(repository, pushed_at=now(), updated_at=now())
        pulls = follow_refs(site, repository, intent)
    return [_push_event(site, repository, intent, forced), *pulls]


def _forced(site: Site, repository: Repository, intent: RefUpdate) -> bool:
    if ZERO in (intent.before, intent.after):
        return False
    return not site.git(repository).is_ancestor(intent.before, intent.after)


def _activity(repository: Repository, intent: RefUpdate, forced: bool) -> Push:
    if intent.merges is not None:
        kind = "pr_merge"
    elif intent.before == ZERO:
        kind = "branch_creation"
    elif intent.after == ZERO:
        kind = "branch_deletion"
    else:
        kind = "force_push" if forced else "push"
    return Push(
        0, repository.id, intent.account_id, intent.ref, intent.before, intent.after, kind, timestamp=now()
    )


def _push_event(site: Site, repository: Repository, intent: RefUpdate, forced: bool) -> Event:
    return Event(
        "push",
        repository=repository,
        sender=site.account(intent.account_id),
        app_id=intent.app_id,
        facts={"ref": intent.ref, "before": intent.before, "after": intent.after, "forced": forced},
    )
