"""A proposed result, read from its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lockgate.formats import (
    Document,
    DvcFile,
    FormatError,
    Manifest,
    Problem,
    load_document,
    read_dvc_file,
    read_manifest,
)
from lockgate.gate.paths import ResultPath, output_of
from lockgate.gate.proposal import Proposal
from lockgate.gate.result_place import DVC, LISTING, MANIFEST


@dataclass(frozen=True)
class Result:
    """A result at its place: `pointers` are its .dvc files and `listings` its .sha256.json, by output."""

    place: ResultPath
    manifest: Manifest
    document: Document
    pointers: Mapping[str, DvcFile]
    listings: Mapping[str, bytes]

    @property
    def manifest_path(self) -> str:
        """The path of manifest.yaml."""
        return self.place.folder + MANIFEST

    def pointer_path(self, output: str) -> str:
        """The path of the .dvc file of `output`."""
        return f"{self.place.folder}{output}{DVC}"

    def listing_path(self, output: str) -> str:
        """The path of the list of files of the directory `output`."""
        return f"{self.place.folder}{output}{LISTING}"


def read_result(proposal: Proposal, place: ResultPath) -> Result | tuple[Problem, ...]:
    """Read all files of the result, or return every reason why one cannot be read."""
    problems: list[Problem] = []
    pointers: dict[str, DvcFile] = {}
    listings: dict[str, bytes] = {}
    found: tuple[Manifest, Document] | None = None
    for path, data in proposal.brought(*proposal.changes).items():
        file = path.removeprefix(place.folder)
        pointer, listing = output_of(file, DVC), output_of(file, LISTING)
        try:
            if isinstance(data, Problem):
                problems.append(data)
            elif file == MANIFEST:
                found = read_manifest(data, path), load_document(data, path)
            elif pointer:
                pointers[pointer] = read_dvc_file(data, path)
            elif listing:
                listings[listing] = data
        except FormatError as error:
            problems += error.problems
    if problems or found is None:
        return tuple(problems)
    return Result(place, *found, pointers, listings)
