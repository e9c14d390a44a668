"""The files of a result pull request, made from what was taken: `.dvc` files, listings and the manifest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from lockgate.formats import (
    DirectoryFile,
    DirectoryManifest,
    DvcFile,
    JobRequest,
    Manifest,
    ManifestOutput,
    write_directory_manifest,
    write_dvc_file,
    write_manifest,
)
from lockgate.node.collection.outputs import TakenFile
from lockgate.node.runs import RunRow

DVC_DIRECTORY = "application/vnd.dvc.directory+json"


def results_folder(request: str, node: str) -> str:
    return f"results/{request}/{node}"


def results_branch(request: str, node: str, root_run: str) -> str:
    return f"{results_folder(request, node)}/{root_run[:8]}"


@dataclass(frozen=True)
class Metadata:
    """`files` by path in the repository; `listings` are DVC's own, one a directory, with their bytes."""

    files: Mapping[str, bytes]
    listings: tuple[tuple[TakenFile, bytes], ...]


def write_metadata(
    node: str, run: RunRow, request: JobRequest, taken: Iterable[TakenFile], media_types: Mapping[str, str]
) -> Metadata:
    """All files of the result, byte for byte. Raises FormatError where the facts fit no manifest."""
    folder = results_folder(run.request, node)
    files: dict[str, bytes] = {}
    outputs: list[ManifestOutput] = []
    listings: list[tuple[TakenFile, bytes]] = []
    for name, group in groupby(
        sorted(taken, key=lambda file: (file.output, file.place)), key=lambda file: file.output
    ):
        parts = tuple(group)
        if parts[0].place == name:
            pointer, whole = DvcFile(name, parts[0].md5, parts[0].size), parts[0]
        else:
            listing, content, sums = _directory(name, parts)
            files[f"{folder}/{name}.sha256.json"] = sums
            listings.append((listing, content))
            sha256 = hashlib.sha256(sums).hexdigest()
            size = sum(part.size for part in parts)
            whole = TakenFile(name, name, media_types[name], size, listing.md5, sha256)
            pointer = DvcFile(name, listing.md5, size, len(parts), sha256)
        files[f"{folder}/{name}.dvc"] = write_dvc_file(pointer)
        controls = request.outputs[name].controls
        outputs.append(ManifestOutput(name, controls, media_types[name], whole.size, whole.md5, whole.sha256))
    files[f"{folder}/manifest.yaml"] = write_manifest(_manifest(node, run, tuple(outputs)))
    return Metadata(files, tuple(listings))


def _directory(name: str, parts: tuple[TakenFile, ...]) -> tuple[TakenFile, bytes, bytes]:
    """DVC's listing as an object of its own, its bytes, and the listing by sha256 that stands in Git."""
    inside = [(part.place.removeprefix(f"{name}/"), part) for part in parts]
    entries = [{"md5": part.md5, "relpath": path} for path, part in inside]
    content = json.dumps(entries, sort_keys=True).encode()
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest() + ".dir"
    sha256 = hashlib.sha256(content).hexdigest()
    sums = write_directory_manifest(
        DirectoryManifest(tuple(DirectoryFile(path, part.size, part.sha256) for path, part in inside))
    )
    return TakenFile(name, name, DVC_DIRECTORY, len(content), md5, sha256), content, sums


def _manifest(node: str, run: RunRow, outputs: tuple[ManifestOutput, ...]) -> Manifest:
    return Manifest(
        version=1,
        request=run.request,
        blob=run.blob,
        run=run.id,
        root_run=run.root,
        node=node,
        code=run.code,
        image=None,
        started=_time(run.started or run.created),
        finished=_time(run.finished or run.started or run.created),
        outputs=outputs,
        disclosure=None,
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
