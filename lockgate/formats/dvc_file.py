"""`<output>.dvc`: one output as DVC names it, in a form narrower than DVC's own."""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.formats.canonical import quote
from lockgate.formats.problems import FormatError, Problem
from lockgate.formats.schema import read_shape


@dataclass(frozen=True)
class DvcFile:
    """One output; for a directory `md5` ends with .dir and `nfiles` and `sha256_manifest` are set."""

    path: str
    md5: str
    size: int
    nfiles: int | None = None
    sha256_manifest: str | None = None

    @property
    def is_directory(self) -> bool:
        """Say whether the output is a directory."""
        return self.md5.endswith(".dir")


def read_dvc_file(data: bytes, source: str) -> DvcFile:
    """Read a .dvc file, whose hashes must stand in quotes; raises FormatError with every problem found."""
    value, document = read_shape("dvc_file", data, source)
    for place in (("outs", 0, "md5"), ("meta", "sha256_manifest")):
        if place in document.plain:
            reason = f"`{place[-1]}` must stand in quotes, or a reader may take it for a number"
            raise FormatError([Problem(source, document.line(place), reason)])
    out = value["outs"][0]
    file = DvcFile(
        path=out["path"],
        md5=out["md5"],
        size=out["size"],
        nfiles=out.get("nfiles"),
        sha256_manifest=value.get("meta", {}).get("sha256_manifest"),
    )
    if {file.is_directory} != {file.nfiles is not None, file.sha256_manifest is not None}:
        reason = (
            "a directory has an md5 with .dir, `nfiles` and `meta.sha256_manifest`; a file has none of them"
        )
        raise FormatError([Problem(source, document.line(("outs", 0)), reason)])
    return file


def write_dvc_file(file: DvcFile) -> bytes:
    """Return the canonical .dvc file; raises FormatError where reading it back would."""
    lines = ["outs:", f"  - md5: {quote(file.md5)}", f"    size: {file.size}"]
    if file.nfiles is not None:
        lines.append(f"    nfiles: {file.nfiles}")
    lines += ["    hash: md5", f"    path: {file.path}"]
    if file.sha256_manifest is not None:
        lines += ["meta:", f"  sha256_manifest: {quote(file.sha256_manifest)}"]
    data = ("\n".join(lines) + "\n").encode()
    read_dvc_file(data, f"{file.path}.dvc")
    return data
