"""Opening, editing, closing and reopening a pull request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from standins.github.auth.principal import Principal
from standins.github.clock import now
from standins.github.errors import invalid
from standins.github.pulls.following import BRANCHES, keep_head_ref, pull_event
from standins.github.pulls.reviewers import request_code_owners
from standins.github.site import Site
from standins.github.store import PullRequest, Repository


@dataclass(frozen=True)
class Proposal:
    """`head` and `base` are branches of this repository."""

    title: str
    body: str | None
    head: str
    base: str
    draft: bool = False


def open_pull(site: Site, repository: Repository, principal: Principal, proposal: Proposal) -> PullRequest:
    """Raises 422 where a branch is missing, has nothing new, or has its pull request already."""
    assert principal.account is not None
    with site.lock(repository):
        head, base = _ends(site, repository, proposal)
        with site.store.transaction():
            _only_one(site, repository, proposal)
            row = _row(repository, principal.account.id, _next_number(site, repository), proposal, head, base)
            pull = site.store.insert(row)
        keep_head_ref(site, repository, pull)
        asked = request_code_owners(site, repository, pull, principal.account.id, principal.app_id)
    event = pull_event(site, repository, pull, "opened", principal.account.id, principal.app_id)
    site.bus.emit(event, *asked)
    return pull


def edit_pull(
    site: Site, repository: Repository, principal: Principal, pull: PullRequest, changes: dict[str, Any]
) -> PullRequest:
    """`changes`: any of title, body, base, state (open | closed)."""
    assert principal.account is not None
    told: list[tuple[str, dict[str, PullRequest]]] = []
    with site.lock(repository):
        former = pull = site.store.get(PullRequest, pull.id)
        if {"title", "body", "base"} & changes.keys():
            pull = _retitle(site, repository, pull, changes)
            told.append(("edited", {"former": former}))
        if changes.get("state", pull.state) != pull.state:
            pull = _set_state(site, repository, pull, changes["state"])
            told.append(("closed" if pull.state == "closed" else "reopened", {}))
    for action, more in told:
        site.bus.emit(
            pull_event(site, repository, pull, action, principal.account.id, principal.app_id, **more)
        )
    return pull


def _retitle(site: Site, repository: Repository, pull: PullRequest, changes: dict[str, Any]) -> PullRequest:
    base = changes.get("base", pull.base_ref)
    sha = site.git(repository).ref(BRANCHES + base)
    if sha is None:
        raise invalid("Validation Failed", _field("base"))
    moved = {"base_ref": base, "base_sha": sha} if base != pull.base_ref else {}
    texts = {name: changes[name] for name in ("title", "body") if name in changes}
    return site.store.update(pull, updated_at=now(), **texts, **moved)


def _set_state(site: Site, repository: Repository, pull: PullRequest, state: str) -> PullRequest:
    if state == "closed":
        return site.store.update(pull, state="closed", closed_at=now(), updated_at=now())
    if state != "open" or pull.merged_at:
        raise invalid("Validation Failed", _custom("state cannot be changed."))
    proposal = Proposal(pull.title, pull.body, pull.head_ref, pull.base_ref)
    head, base = _ends(site, repository, proposal)
    _only_one(site, repository, proposal)
    pull = site.store.update(
        pull, state="open", closed_at=None, head_sha=head, base_sha=base, updated_at=now()
    )
    keep_head_ref(site, repository, pull)
    return pull


def _ends(site: Site, repository: Repository, proposal: Proposal) -> tuple[str, str]:
    git = site.git(repository)
    head, base = git.ref(BRANCHES + proposal.head), git.ref(BRANCHES + proposal.base)
    if head is None:
        raise invalid("Validation Failed", _field("head"))
    if base is None:
        raise invalid("Validation Failed", _field("base"))
    if git.merge_base(base, head) is None:
        raise invalid("Validation Failed", _custom("The branches have no history in common"))
    if git.is_ancestor(head, base):
        raise invalid("Validation Failed", _custom(f"No commits between {proposal.base} and {proposal.head}"))
    return head, base


def _only_one(site: Site, repository: Repository, proposal: Proposal) -> None:
    same = {"head_ref": proposal.head, "base_ref": proposal.base, "state": "open"}
    if site.store.first(PullRequest, repository_id=repository.id, **same):
        owner = site.account(repository.owner_id).login
        message = f"A pull request already exists for {owner}:{proposal.head}."
        raise invalid("Validation Failed", _custom(message))


def _next_number(site: Site, repository: Repository) -> int:
    newest = site.store.find(PullRequest, repository_id=repository.id, newest_first=True, limit=1)
    return newest[0].number + 1 if newest else 1


def _row(
    repository: Repository, author: int, number: int, proposal: Proposal, head: str, base: str
) -> PullRequest:
    return PullRequest(
        0,
        repository.id,
        number,
        proposal.title,
        proposal.body,
        author,
        proposal.head,
        head,
        proposal.base,
        base,
        draft=proposal.draft,
        created_at=now(),
        updated_at=now(),
    )


def _field(name: str) -> dict[str, Any]:
    return {"resource": "PullRequest", "field": name, "code": "invalid"}


def _custom(message: str) -> dict[str, Any]:
    return {"resource": "PullRequest", "code": "custom", "message": message}
