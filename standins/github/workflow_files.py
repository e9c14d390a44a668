"""An App changes workflow files only with the permission `workflows`."""

from __future__ import annotations

from standins.github.auth.principal import Principal
from standins.github.errors import forbidden
from standins.github.git import ZERO, GitRepository, NotFound
from standins.github.site import Site
from standins.github.store import Repository

FOLDER = ".github/workflows"


def demand_workflows(site: Site, repository: Repository, principal: Principal, base: str, merge: str) -> None:
    """Raises 403 where a merge by an App without the permission would change a workflow file."""
    if _may(principal):
        return
    git = site.git(repository)
    for path in sorted(_files(git, merge).items() ^ _files(git, base).items()):
        raise forbidden(_refusal(path[0]))


def workflow_refusals(
    site: Site, repository: Repository, principal: Principal, before: str, after: str, git: GitRepository
) -> list[str]:
    """Why an App may not move a branch there; files that stand so on a branch already are let through."""
    if _may(principal) or after == ZERO:
        return []
    known = set() if before == ZERO else set(_files(git, before).items())
    new = set(_files(git, after).items()) - known
    if new:
        for tip in site.git(repository).refs("refs/heads/").values():
            new -= set(_files(git, tip).items())
    return [_refusal(path) for path, _ in sorted(new)]


def _may(principal: Principal) -> bool:
    return principal.permissions is None or principal.permissions.get("workflows") == "write"


def _files(git: GitRepository, rev: str) -> dict[str, str]:
    try:
        folder = git.entry(rev, FOLDER)
    except NotFound:
        return {}
    return {f"{FOLDER}/{path}": sha for path, sha, _ in git.files(str(folder.id))}


def _refusal(path: str) -> str:
    return (
        f"refusing to allow a GitHub App to create or update workflow `{path}` without `workflows` permission"
    )
