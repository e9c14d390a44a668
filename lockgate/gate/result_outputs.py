"""The rules of a result's outputs: chosen, declared, within limits, and the same in all files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from lockgate.formats import (
    DvcFile,
    FormatError,
    JobRequest,
    ManifestOutput,
    OutputDeclaration,
    Problem,
    read_directory_manifest,
)
from lockgate.gate.proposal import Proposal
from lockgate.gate.result import Result


def output_problems(proposal: Proposal, request: JobRequest, result: Result) -> Iterator[Problem]:
    """Yield what is wrong with the outputs of `result` as an answer to `request`."""
    job_type = proposal.job_type(request.job)
    if job_type is None:
        reason = f"the base has no job type `{request.job}` any more, so nothing declares these outputs"
        yield Problem(result.manifest_path, None, reason)
        return
    declared = {output.name: output for output in job_type.outputs}
    listed = {output.name for output in result.manifest.outputs}
    for name in sorted(request.outputs.keys() - listed):
        yield Problem(result.manifest_path, None, f"the request chose `{name}`, which is missing here")
    for name in sorted((result.pointers.keys() | result.listings.keys()) - listed):
        path = result.pointer_path(name) if name in result.pointers else result.listing_path(name)
        yield Problem(path, None, "manifest.yaml does not list this output")
    for position, output in enumerate(result.manifest.outputs):
        line = result.document.line(("outputs", position))
        for reason in _manifest_reasons(proposal, request, output, declared.get(output.name)):
            yield Problem(result.manifest_path, line, f"`{output.name}` {reason}")
        yield from _file_problems(result, output, declared.get(output.name))


def _manifest_reasons(
    proposal: Proposal, request: JobRequest, output: ManifestOutput, declaration: OutputDeclaration | None
) -> Iterator[str]:
    limits = proposal.governance.disclosure
    if output.name not in request.outputs:
        yield "was not chosen by the request"
    elif output.controls != request.outputs[output.name].controls:
        yield "has other controls than those of the request"
    if declaration is None:
        yield "is not declared by the job type of the base"
    elif output.media_type != declaration.media_type:
        yield "has another media type than the job type declares"
    if output.media_type not in limits.media_types:
        yield "has a media type that governance.yaml does not allow"
    if output.size > limits.max_bytes:
        yield f"is larger than the {limits.max_bytes} bytes that governance.yaml allows"


def _file_problems(
    result: Result, output: ManifestOutput, declaration: OutputDeclaration | None
) -> Iterator[Problem]:
    path = result.pointer_path(output.name)
    pointer = result.pointers.get(output.name)
    if pointer is None:
        yield Problem(path, None, "manifest.yaml lists this output, but its .dvc file is missing")
        return
    if pointer.path != output.name:
        yield Problem(path, None, "`path` is not the name of the file without .dvc")
    if pointer.md5 != output.md5 or pointer.size != output.size:
        yield Problem(path, None, "md5 or size is not that of manifest.yaml")
    if declaration and pointer.is_directory != (declaration.kind == "directory"):
        yield Problem(path, None, f"the job type declares this output as a {declaration.kind}")
    yield from _directory_problems(result, output, pointer)


def _directory_problems(result: Result, output: ManifestOutput, pointer: DvcFile) -> Iterator[Problem]:
    path = result.listing_path(output.name)
    data = result.listings.get(output.name)
    if data is None:
        if pointer.is_directory:
            yield Problem(path, None, "the output is a directory, but the list of its files is missing")
        return
    if not pointer.is_directory:
        yield Problem(path, None, "the output is a file, so it has no list of files")
        return
    sha256 = hashlib.sha256(data).hexdigest()
    if sha256 != pointer.sha256_manifest:
        yield Problem(path, None, "this is not the list whose sha256 stands in the .dvc file")
    if sha256 != output.sha256:
        yield Problem(path, None, "this is not the list whose sha256 stands in manifest.yaml")
    try:
        listing = read_directory_manifest(data, path)
    except FormatError as error:
        yield from error.problems
        return
    if len(listing.files) != pointer.nfiles or sum(file.size for file in listing.files) != pointer.size:
        yield Problem(path, None, "number or sizes of the files are not those of the .dvc file")
