"""Branches as lists name them."""

from __future__ import annotations

from typing import Any

from standins.github.protection import protection_of
from standins.github.serialisers.repositories import repository_url
from standins.github.site import Site
from standins.github.store import Repository


def short_branch(site: Site, repository: Repository, branch: str, sha: str) -> dict[str, Any]:
    return {
        "name": branch,
        "commit": {"sha": sha, "url": f"{repository_url(site, repository)}/commits/{sha}"},
        "protected": protection_of(site, repository, branch) is not None,
    }
