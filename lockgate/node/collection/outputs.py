"""Take declared outputs from a run's scratch folder, which the run could have filled with anything.

Every step goes by open folders and never follows a link; each file is copied away while it is hashed, so that
what was checked is what is stored.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lockgate.formats import DisclosureLimits, OutputDeclaration
from lockgate.node.collection.content import check_content
from lockgate.node.collection.errors import OutputRefused

COMPLETE = ".complete"
CHUNK = 1024 * 1024
MOST_FILES = 1000
DEEPEST = 8
PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}", re.ASCII)
NO_FOLLOW = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True)
class TakenFile:
    """A file taken: `place` is the output's name or, in a directory, `<output>/<path>`."""

    output: str
    place: str
    media_type: str
    size: int
    md5: str
    sha256: str


def is_complete(scratch: Path, run: str) -> bool:
    """Whether the run has marked its folder complete."""
    try:
        with _opened(scratch / run, os.O_DIRECTORY) as folder:
            found = os.stat(COMPLETE, dir_fd=folder, follow_symlinks=False)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return stat.S_ISREG(found.st_mode)


def take_outputs(
    folder: Path, declared: Mapping[str, OutputDeclaration], limits: DisclosureLimits, staging: Path
) -> tuple[TakenFile, ...]:
    """Copy the declared outputs into `staging`, each file under its sha256. Raises OutputRefused.

    `folder` is the run's own; whatever else lies there is left.
    """
    taken: list[TakenFile] = []
    with _opened(folder, os.O_DIRECTORY) as root:
        for name, output in declared.items():
            if output.media_type not in limits.media_types:
                raise OutputRefused(f"{name}: files of type {output.media_type} may not leave this project.")
            files = _Taking(output, limits, staging)
            taken += files.directory(root) if output.kind == "directory" else [files.file(root, name, name)]
    return tuple(taken)


@dataclass
class _Taking:
    """One output being taken; `left` is how many bytes it may still have."""

    output: OutputDeclaration
    limits: DisclosureLimits
    staging: Path
    left: int = -1

    def __post_init__(self) -> None:
        self.left = self.limits.max_bytes

    def file(self, folder: int, name: str, place: str) -> TakenFile:
        """Take one regular file that no other name reaches."""
        with self._found(folder, name, place, 0) as source:
            found = os.fstat(source)
            if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
                raise OutputRefused(f"{place} is no plain file.")
            return self._copy(source, place)

    def directory(self, root: int) -> list[TakenFile]:
        """Take every file of a directory; paths are plain and differ in more than case."""
        name = self.output.name
        with self._found(root, name, name, os.O_DIRECTORY) as folder:
            taken = list(self._walk(folder, name, 0))
        if not taken:
            raise OutputRefused(f"{name} is an empty directory.")
        if len({file.place.casefold() for file in taken}) < len(taken):
            raise OutputRefused(f"{name} holds names that differ in case alone.")
        return sorted(taken, key=lambda file: file.place)

    def _walk(self, folder: int, place: str, depth: int) -> Iterator[TakenFile]:
        names = sorted(os.listdir(folder))
        if len(names) > MOST_FILES or depth >= DEEPEST:
            raise OutputRefused(f"{self.output.name} holds more than {MOST_FILES} files, or too deep a tree.")
        for name in names:
            inner = f"{place}/{name}"
            if not PLAIN.fullmatch(name):
                raise OutputRefused(f"{self.output.name} holds a file whose name is not plain.")
            if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                with self._found(folder, name, inner, os.O_DIRECTORY) as below:
                    yield from self._walk(below, inner, depth + 1)
            else:
                yield self.file(folder, name, inner)

    @contextmanager
    def _found(self, folder: int, name: str, place: str, flags: int) -> Iterator[int]:
        try:
            descriptor = os.open(name, NO_FOLLOW | flags, dir_fd=folder)
        except FileNotFoundError as problem:
            raise OutputRefused(f"The run did not write {place}.") from problem
        except OSError as problem:
            raise OutputRefused(f"{place} is no plain {self.output.kind}.") from problem
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _copy(self, source: int, place: str) -> TakenFile:
        content = bytearray()
        while chunk := os.read(source, CHUNK):
            content += chunk
            self.left -= len(chunk)
            if self.left < 0:
                raise OutputRefused(f"{place} is over the {self.limits.max_bytes} bytes that may leave.")
        data = bytes(content)
        check_content(data, self.output.media_type, name=place, max_rows=self.limits.max_rows)
        sha256 = hashlib.sha256(data).hexdigest()
        stage(self.staging, sha256, data)
        md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
        return TakenFile(self.output.name, place, self.output.media_type, len(data), md5, sha256)


def stage(staging: Path, sha256: str, data: bytes) -> None:
    """Keep bytes on the node's own disk until they are stored, surviving a crash."""
    staging.mkdir(parents=True, exist_ok=True)
    draft = staging / f".{sha256}"
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(staging / sha256)


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    descriptor = os.open(path, NO_FOLLOW | flags)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
