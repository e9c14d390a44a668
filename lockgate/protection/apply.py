"""Bringing a repository to the protection that is wanted, one part after the other."""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.evidence import GitHubClient
from lockgate.protection.branch import protect_branch
from lockgate.protection.merging import allow_merges
from lockgate.protection.rulesets import keep_ruleset
from lockgate.protection.wanted import Wanted


@dataclass(frozen=True)
class Changed:
    """What was brought about: the default branch by name, and the names of all parts that changed."""

    branch: str
    parts: tuple[str, ...]


def apply(client: GitHubClient, repository: str, wanted: Wanted) -> Changed:
    """Stricter parts first; a part that fails leaves those before it in place. Said twice it changes nothing.

    Raises `Conflict` when GitHub took a part but does not show it afterwards, and GitHub's errors.
    """
    branch = str(client.get(f"/repos/{repository}")["default_branch"])
    parts = [branch] if protect_branch(client, repository, branch, wanted.default_branch) else []
    parts += [each.name for each in wanted.rulesets if keep_ruleset(client, repository, each)]
    parts += ["merge commits only"] if allow_merges(client, repository, wanted.merging) else []
    return Changed(branch, tuple(parts))
