"""What a range of commits changes: as a whole, and commit by commit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lockgate.gate.objects import Objects, decoded

ABSENT = "000000"
PLAIN = "100644"
_MODES = {"100755": "an executable file", "120000": "a symbolic link", "160000": "a submodule"}


@dataclass(frozen=True)
class Change:
    """One path that differs; modes are six octal digits, 000000 where there is nothing."""

    path: str
    old_mode: str
    new_mode: str
    old_blob: str
    new_blob: str

    @property
    def added(self) -> bool:
        """Say whether nothing stood here before."""
        return self.old_mode == ABSENT

    @property
    def removed(self) -> bool:
        """Say whether nothing stands here now."""
        return self.new_mode == ABSENT

    @property
    def mode_problem(self) -> str | None:
        """Return why what stands here now is no plain file."""
        if self.removed or self.new_mode == PLAIN:
            return None
        what = _MODES.get(self.new_mode, "no plain file")
        return f"this is {what}; only plain files (mode 100644) are allowed"


@dataclass(frozen=True)
class Commit:
    """One commit of the range; for a merge `changes` holds only what differs from every parent."""

    sha: str
    parents: tuple[str, ...]
    changes: tuple[Change, ...]


def changes_between(objects: Objects, old: str, new: str) -> tuple[Change, ...]:
    """Return the paths that differ, renames not followed, sorted by path."""
    raw = objects.run("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", old, new)
    return tuple(sorted((change for _, change in _parse(raw) if change), key=lambda change: change.path))


def commits_between(objects: Objects, base: str, head: str) -> tuple[Commit, ...]:
    """Return the commits that are in `head` and not in `base`, newest first."""
    listed = objects.run("rev-list", "--parents", "--topo-order", head, f"^{base}").decode("ascii")
    parents = {line.split()[0]: tuple(line.split()[1:]) for line in listed.splitlines()}
    raw = objects.run(
        *("diff-tree", "--stdin", "-r", "-z", "--raw", "--root", "-c", "--no-renames", "--no-abbrev"),
        given="".join(f"{sha}\n" for sha in parents).encode(),
    )
    changes: dict[str, list[Change]] = {sha: [] for sha in parents}
    for sha, change in _parse(raw):
        if change and sha in changes:
            changes[sha].append(change)
    return tuple(Commit(sha, parents[sha], tuple(changes[sha])) for sha in parents)


def _parse(raw: bytes) -> Iterator[tuple[str, Change | None]]:
    """Read `--raw -z`: hashes of commits, and records each followed by a path."""
    tokens = iter(raw.split(b"\0")[:-1])
    commit = ""
    for token in tokens:
        if not token.startswith(b":"):
            commit = token.decode("ascii").strip()
            continue
        yield commit, _change(token.decode("ascii"), decoded(next(tokens)))


def _change(record: str, path: str) -> Change:
    """Read `:mode mode sha sha S`, or with one colon, mode and hash more for each further parent."""
    colons = len(record) - len(record.lstrip(":"))
    words = record[colons:].split()
    modes, hashes = words[: colons + 1], words[colons + 1 : 2 * colons + 2]
    return Change(path, modes[0], modes[-1], hashes[0], hashes[-1])
