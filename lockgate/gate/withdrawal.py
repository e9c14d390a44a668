"""The rules of a withdrawal: it removes one whole result and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.formats import Problem
from lockgate.gate.paths import result_path
from lockgate.gate.proposal import Proposal


def withdrawal_problems(proposal: Proposal) -> Iterator[Problem]:
    """Yield why this is no withdrawal of one whole result."""
    places = {change.path: result_path(change.path) for change in proposal.changes}
    for path, place in places.items():
        if place is None:
            yield Problem(path, None, "this is no file of a result (results/<id>/<node>/)")
    folders = sorted({place.folder for place in places.values() if place})
    for folder in folders[1:]:
        yield Problem(folder, None, "a withdrawal removes one result; this is another one")
    for folder in folders[:1]:
        for left in proposal.objects.entries(proposal.head, folder):
            yield Problem(left.path, None, "a withdrawal removes the whole result; this file would stay")
