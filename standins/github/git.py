"""One bare repository: objects and refs by pygit2, merges and what must compare and swap by git itself.

Names of commits are full hexadecimal SHA-1 text. A `rev` may also be a branch or a ref.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pygit2
from pygit2.enums import SortMode

from standins.github.clock import from_epoch, now, to_epoch

ZERO = "0" * 40
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


class GitError(Exception):
    """git refused; its own words are in the message."""


class RefMoved(GitError):
    """The ref is not where the caller believed it to be. Nothing was changed."""


class NotFound(GitError):
    """No such object, ref or path."""


@dataclass(frozen=True)
class Signature:
    name: str
    email: str
    date: str = ""

    def git(self) -> pygit2.Signature:
        return pygit2.Signature(self.name, self.email, to_epoch(self.date or now()), 0)


@dataclass(frozen=True)
class TreeChange:
    """One path of a new tree; `sha` None removes it."""

    path: str
    sha: str | None
    mode: int = 0o100644


@dataclass(frozen=True)
class Merge:
    """`tree` is None where the two sides conflict in `conflicts`."""

    tree: str | None
    conflicts: tuple[str, ...] = ()


class GitRepository:
    """`quarantine` is where a push keeps the objects that are not accepted yet."""

    def __init__(self, path: Path, quarantine: Path | None = None) -> None:
        self.path = path
        self.quarantine = path / quarantine if quarantine else None

    def create(self, default_branch: str) -> None:
        """Makes the repository; does nothing where it is already."""
        if not (self.path / "HEAD").exists():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            _run(
                "init",
                "--bare",
                "--quiet",
                "--template=",
                f"--initial-branch={default_branch}",
                str(self.path),
            )
            with (self.path / "config").open("a") as config:
                config.write(_CONFIG)

    @property
    def objects(self) -> pygit2.Repository:
        """Opened anew each time: cheap, and never blind to packs that a push has brought."""
        repository = pygit2.Repository(str(self.path))
        if self.quarantine:
            repository.odb.add_disk_alternate(str(self.quarantine))
        return repository

    def run(self, *arguments: str, stdin: bytes = b"") -> str:
        """Runs git here; returns what it printed; raises `GitError` where it fails."""
        extra = {"GIT_ALTERNATE_OBJECT_DIRECTORIES": str(self.quarantine)} if self.quarantine else {}
        return _run("-C", str(self.path), *arguments, stdin=stdin, extra=extra)

    # refs
    def resolve(self, rev: str) -> str | None:
        """The commit that a rev names, or None."""
        repository = self.objects
        for name in (f"refs/heads/{rev}", f"refs/tags/{rev}", rev):
            try:
                return str(repository.revparse_single(name).peel(pygit2.Commit).id)
            except (KeyError, ValueError, pygit2.GitError):
                continue
        return None

    def ref(self, name: str) -> str | None:
        """Where a full ref name points, or None."""
        try:
            return str(self.objects.references[name].target)
        except (KeyError, pygit2.GitError, ValueError):
            return None

    def refs(self, prefix: str = "refs/") -> dict[str, str]:
        found = {ref.name: str(ref.resolve().target) for ref in self.objects.references.objects}
        below = prefix.rstrip("/") + "/"
        return {name: found[name] for name in sorted(found) if name.startswith(below)}

    def move_ref(self, name: str, new: str, old: str | None) -> None:
        """Compare-and-swap: `old` ZERO says it must not exist, `new` ZERO deletes, `old` None forces."""
        arguments = ["-d", name] if new == ZERO else [name, new]
        try:
            if old is None and new != ZERO:
                self.objects.references.create(name, pygit2.Oid(hex=new), force=True)
            else:
                self.run("update-ref", *arguments, *([] if old is None else [old]))
        except (GitError, pygit2.GitError, ValueError) as error:
            raise RefMoved(str(error)) from error

    # objects
    def write_blob(self, data: bytes) -> str:
        return str(self.objects.create_blob(data))

    def read_blob(self, sha: str) -> bytes:
        found = self._object(sha)
        if not isinstance(found, pygit2.Blob):
            raise NotFound(f"{sha} is no blob")
        return bytes(found.data)

    def commit(self, sha: str) -> pygit2.Commit:
        found = self._object(sha)
        if not isinstance(found, pygit2.Commit):
            raise NotFound(f"{sha} is no commit")
        return found

    def tree(self, sha: str) -> pygit2.Tree:
        """The tree of a tree or a commit."""
        found = self._object(sha)
        if isinstance(found, pygit2.Commit):
            return found.tree
        if not isinstance(found, pygit2.Tree):
            raise NotFound(f"{sha} is no tree")
        return found

    def entry(self, rev: str, path: str) -> pygit2.Object:
        """The blob or tree at a path of a commit."""
        tree = self.tree(rev)
        try:
            return tree[path] if path else tree
        except KeyError as error:
            raise NotFound(f"no {path} at {rev}") from error

    def write_tree(self, base: str | None, changes: Iterable[TreeChange]) -> str:
        """A tree made of `base` (a tree or commit, or None for empty) with the changes applied."""
        repository = self.objects
        index = pygit2.Index()
        if base and base != EMPTY_TREE:
            index.read_tree(self.tree(base))
        for change in changes:
            self._change(index, change)
        return str(index.write_tree(repository))

    def _change(self, index: pygit2.Index, change: TreeChange) -> None:
        if change.sha is None:
            try:
                index.remove(change.path)
            except OSError as error:
                raise NotFound(f"no {change.path} to remove") from error
        elif change.mode == 0o040000:
            for path, sha, mode in self.files(change.sha):
                index.add(
                    pygit2.IndexEntry(
                        f"{change.path}/{path}", pygit2.Oid(hex=sha), pygit2.enums.FileMode(mode)
                    )
                )
        else:
            oid = pygit2.Oid(hex=change.sha)
            index.add(pygit2.IndexEntry(change.path, oid, pygit2.enums.FileMode(change.mode)))

    def files(self, tree: str) -> list[tuple[str, str, int]]:
        """Every file below a tree: path, sha, mode."""
        lines = self.run("ls-tree", "-r", "-z", tree).split("\0")
        found = [line.split("\t", 1) for line in lines if line]
        return [(path, facts.split()[2], int(facts.split()[0], 8)) for facts, path in found]

    def write_commit(
        self, tree: str, parents: Sequence[str], message: str, author: Signature, committer: Signature
    ) -> str:
        repository = self.objects
        return str(
            repository.create_commit(None, author.git(), committer.git(), message, tree, list(parents))
        )

    # history
    def is_ancestor(self, older: str, newer: str) -> bool:
        return older == newer or self.objects.descendant_of(newer, older)

    def merge_base(self, one: str, other: str) -> str | None:
        base = self.objects.merge_base(one, other)
        return str(base) if base else None

    def commits_between(self, base: str, head: str) -> list[str]:
        """Commits of head that base has not, oldest first."""
        walker = self.objects.walk(head, SortMode.TOPOLOGICAL | SortMode.REVERSE)
        walker.hide(base)
        return [str(commit.id) for commit in walker]

    def try_merge(self, base: str, head: str) -> Merge:
        """The three-way merge of two commits, written as a tree; moves nothing."""
        return _merged(self.path, base, head)

    def three_way(self, ancestor: str, ours: str, theirs: str) -> str | None:
        """The tree of `ours` with what `theirs` changed since `ancestor`; None where they conflict."""
        repository = self.objects
        index = repository.merge_trees(self.tree(ancestor), self.tree(ours), self.tree(theirs))
        return None if index.conflicts else str(index.write_tree(repository))

    def author(self, sha: str) -> Signature:
        found = self.commit(sha).author
        return Signature(found.name, found.email, from_epoch(found.time))

    def _object(self, rev: str) -> pygit2.Object:
        try:
            return self.objects.revparse_single(rev)
        except (KeyError, ValueError, pygit2.GitError) as error:
            raise NotFound(f"no object {rev}") from error


_CONFIG = """
[http]
	receivepack = true
[uploadpack]
	allowReachableSHA1InWant = true
	allowAnySHA1InWant = true
	allowFilter = true
[receive]
	hideRefs = refs/pull
	fsckObjects = true
[gc]
	auto = 0
"""


def _run(*arguments: str, stdin: bytes = b"", extra: Mapping[str, str] | None = None) -> str:
    environment = {**_environment(), **(extra or {})}
    result = subprocess.run(
        ["git", *arguments], input=stdin, capture_output=True, check=False, env=environment
    )
    if result.returncode:
        raise GitError(result.stderr.decode("utf-8", "replace").strip() or f"git {arguments} failed")
    return result.stdout.decode("utf-8", "surrogateescape")


def _environment() -> dict[str, str]:
    """Nobody's own settings of git, and no repository that the caller happens to stand in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}


@lru_cache(maxsize=1024)
def _merged(repository: Path, base: str, head: str) -> Merge:
    """Asked again and again of the same two commits, by every page that shows whether they merge."""
    options = ["--write-tree", "--name-only", "--no-messages"]
    result = subprocess.run(
        ["git", "-C", str(repository), "merge-tree", *options, base, head],
        capture_output=True,
        check=False,
        env=_environment(),
    )
    lines = result.stdout.decode("utf-8", "surrogateescape").splitlines()
    if result.returncode == 0:
        return Merge(lines[0])
    if result.returncode == 1:
        return Merge(None, tuple(line for line in lines[1:] if line))
    raise GitError(result.stderr.decode("utf-8", "replace").strip())
