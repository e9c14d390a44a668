"""Labels of a repository and of its pull requests."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from standins.github.serialisers.accounts import node_id
from standins.github.serialisers.repositories import repository_url
from standins.github.site import Site
from standins.github.store import Label, PullLabel, PullRequest, Repository


def label(site: Site, repository: Repository, row: Label) -> dict[str, Any]:
    return {
        "id": row.id,
        "node_id": node_id("LA", row.id),
        "url": f"{repository_url(site, repository)}/labels/{quote(row.name)}",
        "name": row.name,
        "color": row.color,
        "default": False,
        "description": row.description,
        "archived_at": None,
        "archived_by": None,
    }


def labels_of(site: Site, pull: PullRequest) -> list[Label]:
    rows = site.store.find(PullLabel, pull_request_id=pull.id)
    return [site.store.get(Label, row.label_id) for row in rows]
