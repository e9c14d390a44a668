"""Merging a pull request: at the head that the caller saw, onto the base as it is, or not at all."""

from __future__ import annotations

from dataclasses import dataclass

from standins.github.auth.principal import Principal
from standins.github.clock import now
from standins.github.errors import ApiError
from standins.github.git import GitError, Merge, RefMoved, Signature
from standins.github.protection import merge_refusals
from standins.github.pulls.following import BRANCHES
from standins.github.pulls.methods import demand_method, replayed
from standins.github.signatures import GITHUB, signature_of
from standins.github.site import Site
from standins.github.store import PullRequest, Repository
from standins.github.updates import Move, apply_move
from standins.github.workflow_files import demand_workflows

MODIFIED = "Head branch was modified. Review and try the merge again."
BASE_MODIFIED = "Base branch was modified. Review and try the merge again."
NOT_MERGEABLE = "Pull Request is not mergeable"
NOT_REBASEABLE = "This branch can't be rebased"


@dataclass(frozen=True)
class MergeOrder:
    """`sha` None merges whatever the head is. `method`: merge | squash | rebase."""

    sha: str | None = None
    method: str = "merge"
    title: str | None = None
    message: str | None = None


def merge_pull(
    site: Site, repository: Repository, principal: Principal, pull: PullRequest, order: MergeOrder
) -> str:
    """The merge commit's SHA. 405: not mergeable, 409: head or base moved; then nothing has changed."""
    with site.lock(repository):
        pull = site.store.get(PullRequest, pull.id)
        demand_method(site, repository, order.method)
        if pull.state != "open" or pull.draft:
            raise ApiError(405, NOT_MERGEABLE)
        if order.sha is not None and order.sha != pull.head_sha:
            raise ApiError(409, MODIFIED)
        base = site.git(repository).ref(BRANCHES + pull.base_ref) or pull.base_sha
        reasons = merge_refusals(site, repository, principal, pull, order.method)
        if reasons:
            raise ApiError(405, str(reasons))
        commit = _merged(site, repository, principal, pull, order, base)
        demand_workflows(site, repository, principal, base, commit)
        try:
            move = Move(BRANCHES + pull.base_ref, base, commit)
            events = apply_move(site, repository, principal, move, pull)
        except RefMoved as error:
            raise ApiError(409, BASE_MODIFIED) from error
    site.bus.emit(*events)
    return commit


def mergeability(site: Site, repository: Repository, pull: PullRequest) -> Merge:
    """The merge of the present head into the present base, were it made now."""
    git = site.git(repository)
    base = git.ref(BRANCHES + pull.base_ref)
    if base is None:
        return Merge(None)
    try:
        return git.try_merge(base, pull.head_sha)
    except GitError:
        return Merge(None)


def _merged(
    site: Site, repository: Repository, principal: Principal, pull: PullRequest, order: MergeOrder, base: str
) -> str:
    """What the base shall point to, on no branch yet."""
    assert principal.account is not None
    git = site.git(repository)
    if order.method == "rebase":
        tip = replayed(git, base, pull.head_sha, signature_of(principal.account, now()))
        if tip is None:
            raise ApiError(405, NOT_REBASEABLE)
        return tip
    tree = git.try_merge(base, pull.head_sha).tree
    if tree is None:
        raise ApiError(405, NOT_MERGEABLE)
    return _commit(site, repository, principal, pull, order, base, tree)


def _commit(
    site: Site,
    repository: Repository,
    principal: Principal,
    pull: PullRequest,
    order: MergeOrder,
    base: str,
    tree: str,
) -> str:
    assert principal.account is not None
    author = signature_of(principal.account, now())
    committer = Signature(GITHUB.name, GITHUB.email, now())
    if order.method == "squash":
        title, parents = order.title or f"{pull.title} (#{pull.number})", [base]
    else:
        owner = site.account(repository.owner_id).login
        title = order.title or f"Merge pull request #{pull.number} from {owner}/{pull.head_ref}"
        parents = [base, pull.head_sha]
    body = pull.title if order.message is None and order.method == "merge" else order.message or ""
    message = f"{title}\n\n{body}".strip()
    return site.git(repository).write_commit(tree, parents, message, author, committer)
