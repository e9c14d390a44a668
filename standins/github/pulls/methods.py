"""The ways of merging: which of them a repository allows, and what a rebase makes."""

from __future__ import annotations

from standins.github.errors import ApiError
from standins.github.git import GitRepository, Signature
from standins.github.site import Site
from standins.github.store import MergeSettings, Repository

_SWITCHES = {
    "merge": ("allow_merge_commit", "Merge commits are not allowed on this repository."),
    "squash": ("allow_squash_merge", "Squash merges are not allowed on this repository."),
    "rebase": ("allow_rebase_merge", "Rebase merges are not allowed on this repository."),
}
METHODS = tuple(_SWITCHES)


def merge_settings(site: Site, repository: Repository) -> MergeSettings:
    found = site.store.first(MergeSettings, repository_id=repository.id)
    return found or MergeSettings(0, repository.id)


def demand_method(site: Site, repository: Repository, method: str) -> None:
    """Raises 405 where the repository does not allow this way of merging."""
    switch, refusal = _SWITCHES[method]
    if not getattr(merge_settings(site, repository), switch):
        raise ApiError(405, refusal)


def replayed(git: GitRepository, base: str, head: str, committer: Signature) -> str | None:
    """The head's own commits one by one on top of the base; None where one conflicts or is a merge."""
    tip = base
    for sha in git.commits_between(base, head):
        found = git.commit(sha)
        if len(found.parent_ids) != 1:
            return None
        tree = git.three_way(str(found.parent_ids[0]), tip, sha)
        if tree is None:
            return None
        author = git.author(sha)
        tip = git.write_commit(tree, [tip], str(found.message), author, committer)
    return tip


def is_linear(git: GitRepository, commits: list[str]) -> bool:
    return all(len(git.commit(sha).parent_ids) == 1 for sha in commits)
