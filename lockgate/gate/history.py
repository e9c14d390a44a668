"""Rules about what else exists: names that collide, and paths that were there before."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.formats import Problem
from lockgate.gate.paths import fold
from lockgate.gate.proposal import Proposal


def collision_problems(proposal: Proposal) -> Iterator[Problem]:
    """Yield each added path that some file systems could not tell from another path of the head."""
    added = [change.path for change in proposal.changes if change.added]
    if not added:
        return
    spellings: dict[str, set[str]] = {}
    for entry in proposal.objects.entries(proposal.head, deep=True):
        spellings.setdefault(fold(entry.path), set()).add(entry.path)
    for path in added:
        parts = path.split("/")
        prefixes = ["/".join(parts[: end + 1]) for end in range(len(parts))]
        if any(len(spellings.get(fold(prefix), ())) > 1 for prefix in prefixes):
            yield Problem(path, None, "this differs from another path in nothing but case or composition")


def reappearance_problems(proposal: Proposal) -> Iterator[Problem]:
    """Yield each added path that ever existed in the history of the base."""
    added = [change.path for change in proposal.changes if change.added]
    if not added or not _in_history(proposal, *added):
        return
    for path in added:
        if _in_history(proposal, path):
            yield Problem(path, None, "this path existed on the base before; it may never be added again")


def _in_history(proposal: Proposal, *paths: str) -> bool:
    found = proposal.objects.run("rev-list", "--full-history", "--max-count=1", proposal.base, "--", *paths)
    return bool(found.strip())
