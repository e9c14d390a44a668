"""What is said on a pull request moves its time of change, as reviews, comments and labels do on GitHub."""

from __future__ import annotations

from standins.github.clock import now
from standins.github.site import Site
from standins.github.store import PullRequest


def touched(site: Site, pull: PullRequest) -> PullRequest:
    return site.store.update(pull, updated_at=now())
