"""The raw trees that a range brings: Git's own commands print what a tree says, even where it lies."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.formats import Problem
from lockgate.gate.objects import Objects, decoded
from lockgate.gate.paths import name_problem
from lockgate.gate.verdict import CannotTell

MAX_TREE_BYTES = 128 * 1024 * 1024
_MODES = {b"100644", b"100755", b"120000", b"160000", b"40000"}


def tree_problems(objects: Objects, merge_base: str, head: str) -> Iterator[Problem]:
    """Yield a problem for each name in a new tree that no path may hold, and for each name held twice."""
    listed = objects.run("rev-list", "--objects", head, f"^{merge_base}")
    places = dict(_placed(listed))
    sizes = objects.sizes(places)
    trees = [sha for sha, (kind, _) in sizes.items() if kind == "tree"]
    if sum(sizes[sha][1] for sha in trees) > MAX_TREE_BYTES:
        yield Problem("", None, "the folders that this changes hold too many files to be read")
        return
    width = len(head) // 2
    for sha, data in objects.contents(trees):
        yield from _entry_problems(places[sha], data, width)


def _placed(listed: bytes) -> Iterator[tuple[str, str]]:
    for line in listed.split(b"\n"):
        if line:
            sha, _, path = line.partition(b" ")
            yield sha.decode("ascii"), decoded(path)


def _entry_problems(folder: str, data: bytes, width: int) -> Iterator[Problem]:
    seen: set[bytes] = set()
    for mode, name in _entries(data, width):
        path = "/".join(part for part in (folder, decoded(name)) if part)
        reason = name_problem(name)
        if reason:
            yield Problem(path, None, reason)
        if name in seen:
            yield Problem(path, None, "the tree holds this name twice")
        if mode not in _MODES:
            yield Problem(path, None, "the mode is none that Git writes")
        seen.add(name)


def _entries(data: bytes, width: int) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(data):
        space, end = data.find(b" ", at), data.find(b"\0", at)
        if space < at or end < space:
            raise CannotTell("A tree of the repository is broken.", next_step="Fetch the repository anew.")
        yield data[at:space], data[space + 1 : end]
        at = end + 1 + width
