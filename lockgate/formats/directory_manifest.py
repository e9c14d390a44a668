"""`<output>.sha256.json`: the files of a directory output with hashes that cannot be forged, as md5 can."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from lockgate.formats.problems import FormatError, Problem
from lockgate.formats.schema import read_shape


@dataclass(frozen=True)
class DirectoryFile:
    """One file of a directory output; `path` is relative and plain."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class DirectoryManifest:
    """The files of a directory output, sorted by path."""

    files: tuple[DirectoryFile, ...]


def read_directory_manifest(data: bytes, source: str) -> DirectoryManifest:
    """Read the list of files; raises FormatError with every problem found."""
    value, document = read_shape("directory_manifest", data, source)
    paths = [file["path"] for file in value["files"]]
    line = document.line(("files",))
    if paths != sorted(paths):
        raise FormatError([Problem(source, line, "the files are not sorted by path")])
    if len({path.casefold() for path in paths}) < len(paths):
        raise FormatError([Problem(source, line, "two files differ in nothing but case")])
    return DirectoryManifest(tuple(DirectoryFile(**file) for file in value["files"]))


def write_directory_manifest(manifest: DirectoryManifest, source: str = "sha256.json") -> bytes:
    """Return the canonical file; raises FormatError where reading it back would."""
    value = {"version": 1, "files": [asdict(file) for file in manifest.files]}
    data = (json.dumps(value, indent=1) + "\n").encode()
    read_directory_manifest(data, source)
    return data
