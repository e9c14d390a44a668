"""Reading a mirror in this process, with libgit2: no git is started for a question about objects or refs.

Revisions are full SHAs. libgit2 verifies each object against its name and knows neither hooks nor
replacements; of configuration it reads the mirror's own alone, which we wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import pygit2
from pygit2.enums import ConfigLevel, DeltaStatus, DiffOption, FileMode, RepositoryOpenFlag

from governance.mirrors.commands import MirrorUnavailable

LARGEST_FILE = 256 * 1024
SHA = re.compile(r"[0-9a-f]{40}")
THIS_VERY_ONE = RepositoryOpenFlag.BARE | RepositoryOpenFlag.NO_SEARCH
HOW = DiffOption.INCLUDE_TYPECHANGE | DiffOption.SKIP_BINARY_CHECK
Told = TypeVar("Told")
Given = ParamSpec("Given")

for level in (ConfigLevel.PROGRAMDATA, ConfigLevel.SYSTEM, ConfigLevel.XDG, ConfigLevel.GLOBAL):
    pygit2.settings.search_path[level] = ""
pygit2.settings.owner_validation = False  # the folder is given by settings; git does not ask there either


@dataclass(frozen=True)
class Entry:
    """A regular file; `size` in bytes."""

    name: str
    blob: str
    size: int


def _otherwise(
    absent: Told,
) -> Callable[[Callable[Concatenate[Reading, Given], Told]], Callable[Concatenate[Reading, Given], Told]]:
    """What to answer where it is not there. What is broken is no answer: that raises."""

    def wrap(ask: Callable[Concatenate[Reading, Given], Told]) -> Callable[Concatenate[Reading, Given], Told]:
        @wraps(ask)
        def asked(self: Reading, *args: Given.args, **kwargs: Given.kwargs) -> Told:
            try:
                return ask(self, *args, **kwargs)
            except LookupError:
                return absent
            except pygit2.GitError as error:
                raise MirrorUnavailable(f"{self.repo} could not be read: {error}"[:250]) from error

        return asked

    return wrap


@dataclass(frozen=True)
class Reading:
    """The repository `repo` (`owner/name`) at `path`. What is not there is None, empty or False.

    Raises `MirrorUnavailable` where the repository is broken.
    """

    repo: str
    path: Path

    @_otherwise(False)
    def has(self, sha: str) -> bool:
        """Whether the commit is here."""
        return bool(self._commit(sha))

    @_otherwise(True)
    def lacks(self, shas: Iterable[str]) -> bool:
        """Whether any of these objects is not here; one look for all."""
        repository = self._open()
        return not all(SHA.fullmatch(sha) and sha in repository for sha in shas)

    @_otherwise(None)
    def tip(self, branch: str) -> str | None:
        """The commit at the tip of a branch."""
        found = self._open().references.get(f"refs/heads/{branch}")
        return str(found.target) if found is not None else None

    @_otherwise(None)
    def parent(self, sha: str) -> str | None:
        """The first parent of a commit."""
        return str(self._commit(sha).parent_ids[0])

    @_otherwise(None)
    def merge_base(self, one: str, other: str) -> str | None:
        """Where two commits part."""
        found = self._open().merge_base(self._commit(one).id, self._commit(other).id)
        return str(found) if found is not None else None

    @_otherwise(None)
    def blob(self, revision: str, path: str) -> str | None:
        """The id of the regular file's blob."""
        return str(self._file(revision, path).id)

    @_otherwise(None)
    def read(self, revision: str, path: str, *, most: int = LARGEST_FILE) -> bytes | None:
        """The file's bytes; None where it is missing, no regular file, or over `most` bytes."""
        found = self._file(revision, path)
        return bytes(found.data) if _size(self._open(), found.id) <= most else None

    @_otherwise(())
    def files(self, revision: str, folder: str) -> tuple[Entry, ...]:
        """The regular files directly in a folder, by name."""
        repository, found = self._open(), [each for each in self._tree(revision, folder) if _is_file(each)]
        return tuple(Entry(_text(each.raw_name), str(each.id), _size(repository, each.id)) for each in found)

    def read_all(
        self, revision: str, folder: str, *, most: int = LARGEST_FILE
    ) -> Iterator[tuple[str, bytes | None]]:
        """The regular files directly in a folder, by name, with their bytes; None where over `most` bytes."""
        for entry in self.files(revision, folder):
            yield entry.name, self._content(entry.blob) if entry.size <= most else None

    def added(self, base: str, head: str, folder: str) -> tuple[str, ...]:
        """Paths below the folder that `head` has and `base` has not."""
        return tuple(path for path, status in self._deltas(base, head, folder) if status == DeltaStatus.ADDED)

    def changed(self, base: str, head: str, folder: str) -> tuple[str, ...]:
        """Paths below the folder that are not the same at `head` as at `base`."""
        return tuple(path for path, _ in self._deltas(base, head, folder))

    @_otherwise(())
    def _deltas(self, base: str, head: str, folder: str) -> tuple[tuple[str, DeltaStatus], ...]:
        """A folder that one of them lacks is compared with an empty one."""
        self._commit(base), self._commit(head)
        old, new = self._tree_or_none(base, folder), self._tree_or_none(head, folder)
        if new is not None:
            diff = new.diff_to_tree(*([] if old is None else [old]), flags=HOW, swap=True)
        else:
            diff = self._tree(base, folder).diff_to_tree(flags=HOW)
        return tuple((f"{folder}/{_text(each.new_file.raw_path)}", each.status) for each in diff.deltas)

    def _open(self) -> pygit2.Repository:
        """As it is now: opened anew each time, which costs 30 µs. LookupError where it was never fetched."""
        if not (self.path / "HEAD").exists():
            raise LookupError(self.repo)
        return pygit2.Repository(str(self.path), THIS_VERY_ONE)

    def _commit(self, sha: str) -> pygit2.Commit:
        found = self._open().get(sha) if SHA.fullmatch(sha) else None
        if not isinstance(found, pygit2.Commit):
            raise LookupError(sha)
        return found

    def _tree(self, revision: str, folder: str) -> pygit2.Tree:
        found = self._commit(revision).tree[folder]
        if not isinstance(found, pygit2.Tree):
            raise LookupError(folder)
        return found

    @_otherwise(None)
    def _tree_or_none(self, revision: str, folder: str) -> pygit2.Tree | None:
        return self._tree(revision, folder)

    def _file(self, revision: str, path: str) -> pygit2.Object:
        """A regular file of a commit, its content unread."""
        found = self._commit(revision).tree[path]
        if not _is_file(found):
            raise LookupError(path)
        return found

    @_otherwise(b"")
    def _content(self, blob: str) -> bytes:
        return bytes(self._open()[blob].data)


def _is_file(found: pygit2.Object) -> bool:
    return found.filemode in (FileMode.BLOB, FileMode.BLOB_EXECUTABLE)


def _size(repository: pygit2.Repository, blob: pygit2.Oid) -> int:
    """In bytes, without reading it."""
    return int(repository.odb.read_header(blob)[1])


def _text(name: bytes) -> str:
    return name.decode(errors="replace")
