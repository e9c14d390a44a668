"""Reading a Git repository that may be hostile: objects and names of revisions, and nothing else of it.

Git runs on an empty repository of our own that borrows the objects and refs. So no configuration, hook,
attribute, replacement, graft or shallow boundary of the repository has a say, and nothing is fetched lazily.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from lockgate.formats.loader import MAX_BYTES
from lockgate.gate.verdict import CannotTell

TIMEOUT_SECONDS = 120
_SETTINGS = (
    "core.commitGraph=false",
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.quotePath=false",
)


@dataclass(frozen=True)
class Entry:
    """One entry of a tree."""

    mode: str
    kind: str
    sha: str
    path: str


class Objects:
    """The objects of one repository, by plumbing commands. Every failure is CannotTell."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def run(self, *arguments: str, given: bytes = b"", answers: tuple[int, ...] = (0,)) -> bytes:
        """Return what `git ARGUMENTS` prints; an exit code that is not in `answers` is CannotTell."""
        settings = [word for setting in _SETTINGS for word in ("-c", setting)]
        try:
            done = subprocess.run(
                ["git", "--no-pager", *settings, *arguments],
                input=given,
                capture_output=True,
                env=dict(self._environment),
                timeout=TIMEOUT_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            raise CannotTell("Git did not answer.", next_step="Try again.", retryable=True) from None
        if done.returncode not in answers:
            raise CannotTell(
                f"Git could not read the repository (git {arguments[0]}).",
                next_step="Fetch the whole history of base and head (fetch-depth: 0), then try again.",
            )
        return done.stdout

    def commit(self, revision: str) -> str:
        """Return the full hash of the commit that `revision` names."""
        name = f"{revision}^{{commit}}"
        found = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", name, answers=(0, 1, 128))
        lines = found.decode("ascii", "replace").split()
        if not lines:
            raise CannotTell(
                "A revision that was named is not in the repository.",
                next_step="Fetch base and head, then try again.",
            )
        return lines[-1]

    def merge_bases(self, base: str, head: str) -> tuple[str, ...]:
        """Return the best common ancestors."""
        found = self.run("merge-base", "--all", base, head, answers=(0, 1)).decode("ascii").split()
        if not found:
            self.run("rev-list", "--count", base, head)  # fails where the history is cut off
        return tuple(found)

    def entry(self, commit: str, path: str) -> Entry | None:
        """Return the entry at `path` in the tree of `commit`."""
        found = [entry for entry in self.entries(commit, path) if entry.path == path]
        return found[0] if found else None

    def entries(self, commit: str, *paths: str, deep: bool = False) -> Iterator[Entry]:
        """Yield entries of the tree of `commit`: those at `paths` or, with `deep`, everything."""
        options = ["-r", "-t"] if deep else []
        listed = self.run("ls-tree", "-z", "--full-tree", *options, commit, "--", *paths)
        for line in listed.split(b"\0")[:-1]:
            head, _, path = line.partition(b"\t")
            mode, kind, sha = head.decode("ascii").split()
            yield Entry(mode, kind, sha, decoded(path))

    def sizes(self, shas: Iterable[str]) -> dict[str, tuple[str, int]]:
        """Return type and size by hash; a missing object is CannotTell."""
        wanted = list(dict.fromkeys(shas))
        listed = self.run(
            "cat-file", "--batch-check", "--buffer", given="".join(f"{sha}\n" for sha in wanted).encode()
        )
        found: dict[str, tuple[str, int]] = {}
        for line in listed.decode("ascii").splitlines():
            words = line.split()
            if len(words) != 3:
                raise CannotTell(
                    "An object of the repository is missing.",
                    next_step="Fetch the whole history of base and head, then try again.",
                )
            found[words[0]] = (words[1], int(words[2]))
        return found

    def contents(self, shas: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield each object with its bytes. Look at `sizes` first: all of it is held in memory."""
        wanted = list(dict.fromkeys(shas))
        output = self.run(
            "cat-file", "--batch", "--buffer", given="".join(f"{sha}\n" for sha in wanted).encode()
        )
        at = 0
        for sha in wanted:
            end = output.index(b"\n", at)
            size = int(output[at:end].split()[2])
            yield sha, output[end + 1 : end + 1 + size]
            at = end + 2 + size

    def small(self, shas: Iterable[str], limit: int = MAX_BYTES) -> dict[str, bytes]:
        """Return the bytes of those blobs that are no larger than `limit`; the others are not read."""
        fitting = [sha for sha, (kind, size) in self.sizes(shas).items() if kind == "blob" and size <= limit]
        return dict(self.contents(fitting))


def decoded(path: bytes) -> str:
    """Return a path as text; bytes that are not UTF-8 stay recognisable and are refused later."""
    return path.decode("utf-8", "surrogateescape")


@contextmanager
def open_objects(repository: Path) -> Iterator[Objects]:
    """Open the objects of a bare or normal repository, or of a linked work tree."""
    own = _git_directory(repository)
    common = own
    if (own / "commondir").is_file():
        common = (own / (own / "commondir").read_text().strip()).resolve()
    with TemporaryDirectory(prefix="lockgate-gate-") as folder:
        skeleton = Path(folder)
        (skeleton / "HEAD").write_bytes((own / "HEAD").read_bytes())
        (skeleton / "config").write_text(_configuration(common))
        (skeleton / "refs").symlink_to(common / "refs")
        for name in ("packed-refs", "FETCH_HEAD"):
            source = (common if name == "packed-refs" else own) / name
            if source.is_file():
                (skeleton / name).symlink_to(source)
        yield Objects(_environment(skeleton, common / "objects"))


def _git_directory(repository: Path) -> Path:
    candidate = repository.resolve() / ".git"
    if candidate.is_file():
        candidate = (repository / candidate.read_text().removeprefix("gitdir:").strip()).resolve()
    if not candidate.is_dir():
        candidate = repository.resolve()
    if not (candidate / "HEAD").is_file():
        raise CannotTell(
            "There is no Git repository where the gate was told to look.", next_step="Give --repo its folder."
        )
    return candidate


def _configuration(common: Path) -> str:
    """Only the hash function is taken over: without it the objects could not be read at all."""
    config = (common / "config").read_text(errors="replace").lower() if (common / "config").is_file() else ""
    if "objectformat" in config and "sha256" in config:
        return "[core]\nrepositoryformatversion = 1\nbare = true\n[extensions]\nobjectformat = sha256\n"
    return "[core]\nrepositoryformatversion = 0\nbare = true\n"


def _environment(skeleton: Path, objects: Path) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C",
        "HOME": str(skeleton),
        "XDG_CONFIG_HOME": str(skeleton),
        "GIT_DIR": str(skeleton),
        "GIT_OBJECT_DIRECTORY": str(objects),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
    }
