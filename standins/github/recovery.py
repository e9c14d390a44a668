"""At the start: finish what a crash has cut off."""

from __future__ import annotations

from standins.github.pulls.following import keep_head_ref
from standins.github.site import Site
from standins.github.store import PullRequest, RefUpdate, Repository
from standins.github.updates import settle


def recover(site: Site) -> None:
    """Refs that moved get their consequences, refs that did not lose their intent."""
    for intent in site.store.find(RefUpdate):
        repository = site.store.get(Repository, intent.repository_id)
        with site.lock(repository):
            events = settle(site, repository, intent)
        site.bus.emit(*events)
    for pull in site.store.find(PullRequest, state="open"):
        keep_head_ref(site, site.store.get(Repository, pull.repository_id), pull)
