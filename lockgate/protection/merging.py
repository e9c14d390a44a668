"""How pull requests may be merged: by merge commits, whose second parent is what was approved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lockgate.errors import Conflict
from lockgate.evidence import GitHubClient


@dataclass(frozen=True)
class MergeMethods:
    merge_commits: bool = True
    squash: bool = False
    rebase: bool = False


def allow_merges(client: GitHubClient, repository: str, wanted: MergeMethods) -> bool:
    """Set the ways of merging; whether anything changed. Raises `Conflict` when GitHub does not keep it."""
    path = f"/repos/{repository}"
    if read_merge_methods(client.get(path)) == wanted:
        return False
    client.patch(path, _body(wanted))
    if read_merge_methods(client.get(path)) != wanted:
        raise Conflict(
            f"GitHub did not keep how pull requests of {repository} may be merged as it was asked to.",
            next_step="Look at the repository's settings on GitHub; the token must be an administrator's.",
        )
    return True


def read_merge_methods(value: Mapping[str, Any]) -> MergeMethods:
    """What GitHub says of a repository to those who administer it; what it does not say counts as allowed."""
    return MergeMethods(
        merge_commits=bool(value.get("allow_merge_commit", True)),
        squash=bool(value.get("allow_squash_merge", True)),
        rebase=bool(value.get("allow_rebase_merge", True)),
    )


def _body(wanted: MergeMethods) -> dict[str, Any]:
    return {
        "allow_merge_commit": wanted.merge_commits,
        "allow_squash_merge": wanted.squash,
        "allow_rebase_merge": wanted.rebase,
    }
