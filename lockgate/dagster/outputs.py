"""Where a run leaves its outputs: a directory of its own, marked complete when all are written."""

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lockgate.errors import Invalid, Unavailable

COMPLETE = ".complete"


@dataclass(frozen=True)
class Output:
    """One output that a job type declares. `name` is its file name in results, for ever."""

    name: str
    media_type: str
    description: str
    kind: Literal["file", "directory"] = "file"


class OutputError(Invalid):
    """The job wrote something else than it declared."""


class Outputs:
    """The declared outputs of one run, each written once, under `LOCKGATE_SCRATCH_DIR/<run id>/`.

    The node's collector takes nothing from a directory without `.complete`, so a run that dies leaves
    nothing behind that could be mistaken for a result.
    """

    def __init__(self, folder: Path, declared: tuple[Output, ...]) -> None:
        self._folder = folder
        self._declared: Mapping[str, Output] = {output.name: output for output in declared}

    @classmethod
    def of_run(cls, run_id: str, declared: tuple[Output, ...]) -> "Outputs":
        """Make the empty directory of a run; what an earlier attempt of the same run left is removed.

        Raises `Unavailable` where the node did not say where scratch is.
        """
        scratch = os.environ.get("LOCKGATE_SCRATCH_DIR")
        if not scratch:
            raise Unavailable(
                "LOCKGATE_SCRATCH_DIR is not set, so the run has nowhere to leave its outputs.",
                next_step="Set it to the directory that the code location shares with the node worker.",
                retryable=False,
            )
        folder = Path(scratch) / run_id
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
        return cls(folder, declared)

    def file(self, name: str) -> Path:
        """Return the path to write the declared file `name` to."""
        return self._path(name, "file")

    def directory(self, name: str) -> Path:
        """Return the declared directory `name`, made and empty at the first call."""
        path = self._path(name, "directory")
        path.mkdir(exist_ok=True)
        return path

    def complete(self) -> None:
        """Mark the run complete. Every declared output must be there, and nothing else."""
        found = {path.name for path in self._folder.iterdir()}
        missing, extra = self._declared.keys() - found, found - self._declared.keys()
        if missing:
            raise OutputError(
                f"The job ended without writing {_listed(missing)}.",
                next_step="Write every output that the job type declares, or declare fewer.",
            )
        if extra:
            raise OutputError(
                f"The job wrote {_listed(extra)}, which its job type does not declare.",
                next_step="Declare it among the job type's outputs, or do not write it.",
            )
        for output in self._declared.values():
            self._check(output)
        _write_durably(self._folder / COMPLETE)

    def _path(self, name: str, kind: str) -> Path:
        output = self._declared.get(name)
        if output is None or output.kind != kind:
            raise OutputError(
                f"The job type declares no {kind} {name!r}.",
                next_step=f"It declares {_listed(self._declared)}.",
            )
        return self._folder / name

    def _check(self, output: Output) -> None:
        path = self._folder / output.name
        right = path.is_dir() if output.kind == "directory" else path.is_file()
        if path.is_symlink() or not right:
            raise OutputError(
                f"{output.name} is no plain {output.kind}.",
                next_step=f"Write {output.name} as the job type declares it.",
            )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _write_durably(path: Path) -> None:
    """Create an empty file after all that was written before it, as seen by another machine too."""
    for written in path.parent.rglob("*"):
        _sync(written)
    path.touch()
    _sync(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
