"""The portal's own bare mirrors of repositories: what files say is read here, never from a web API.

Nothing of a repository is ever executed, checked out or believed as configuration. A token reaches
git through its environment alone: it stands in no argument and in no file.
"""

from __future__ import annotations

import base64
import fcntl
import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from lockgate.errors import Unavailable

FETCH_SECONDS = 45
READ_SECONDS = 20
LARGEST_FILE = 256 * 1024
SMALL_FILE = 16 * 1024  # kept in memory, with many others
FILES_AT_ONCE = 200
REFS = ("+refs/heads/*:refs/heads/*", "+refs/pull/*/head:refs/pull/*/head")
SHA = re.compile(r"[0-9a-f]{40}")
SAFE = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "LC_ALL": "C",
}
CONFIG = {
    "core.hooksPath": os.devnull,
    "gc.auto": "0",
    "fetch.fsckObjects": "true",
    "http.followRedirects": "false",
}


class MirrorUnavailable(Unavailable):
    """The mirror could not be brought up to date, or does not hold what was asked for."""

    def __init__(self, why: str) -> None:
        super().__init__(why, next_step="Nothing changed. Lockgate tries again by itself.")


@dataclass(frozen=True)
class Entry:
    """A regular file; `size` in bytes."""

    name: str
    blob: str
    size: int


@dataclass(frozen=True)
class Mirror:
    """One repository (`owner/name`) below the portal's data folder."""

    repo: str
    path: Path

    def fetch(self, token: str) -> None:
        """Bring all branches and pull request heads up to date; one fetch at a time."""
        url = f"{settings.LOCKGATE.github_url}/{self.repo}.git"
        config = {**CONFIG, f"http.{url}.extraHeader": f"Authorization: Basic {_basic(token)}"}
        with self._locked():
            if not (self.path / "HEAD").exists():
                self._run(["init", "--bare", "--quiet", str(self.path)], CONFIG, READ_SECONDS, inside=False)
            arguments = ["fetch", "--prune", "--no-tags", "--no-write-fetch-head", "--quiet", url, *REFS]
            self._run(arguments, config, FETCH_SECONDS)

    def has(self, sha: str) -> bool:
        """Whether the commit is here. A mirror forgets nothing, so a yes is kept as long as it stands."""
        try:
            return bool(SHA.fullmatch(sha)) and _has(self, self._begun(), sha)
        except LookupError:
            return False

    def lacks(self, shas: Iterable[str]) -> bool:
        """Whether any of these objects is not here; one look for all."""
        wanted = "".join(f"{sha}\n" for sha in shas)
        done = self._git(["cat-file", "--batch-check"], CONFIG, READ_SECONDS, stdin=wanted.encode())
        return done.returncode != 0 or b" missing\n" in done.stdout

    def commit(self, revision: str) -> str | None:
        """The full SHA of the commit that a revision names."""
        found = self._try("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        return found.decode().strip() if found else None

    def tip(self, branch: str) -> str | None:
        return self.commit(f"refs/heads/{branch}")

    def read(self, revision: str, path: str, *, most: int = LARGEST_FILE) -> bytes | None:
        """The file's bytes at a full SHA; None where it is missing, no regular file, or over `most` bytes."""
        entry = self._entry(revision, path)
        if entry is None or entry.size > most:
            return None
        ask = self._once if entry.size <= SMALL_FILE else self._try
        return ask("cat-file", "blob", entry.blob)

    def read_all(
        self, revision: str, folder: str, *, most: int = LARGEST_FILE
    ) -> Iterator[tuple[str, bytes | None]]:
        """The regular files directly in a folder, by name, with their bytes; None where over `most` bytes."""
        entries = self.files(revision, folder)
        for start in range(0, len(entries), FILES_AT_ONCE):
            some = entries[start : start + FILES_AT_ONCE]
            asked = "".join(f"{each.blob}\n" for each in some if each.size <= most).encode()
            done = self._git(["cat-file", "--batch"], CONFIG, READ_SECONDS, stdin=asked)
            if done.returncode != 0:
                raise MirrorUnavailable(f"{self.repo} could not be read with git.")
            said, at = done.stdout, 0
            for entry in some:
                if entry.size > most:
                    yield entry.name, None
                    continue
                at = said.index(b"\n", at) + 1
                yield entry.name, said[at : at + entry.size]
                at += entry.size + 1

    def blob(self, revision: str, path: str) -> str | None:
        """The id of the regular file's blob."""
        entry = self._entry(revision, path)
        return entry.blob if entry else None

    def _entry(self, revision: str, path: str) -> Entry | None:
        ask = self._once if SHA.fullmatch(revision) else self._try
        listed = ask("ls-tree", "-z", "-l", revision, "--", path)
        return next((each for each in _entries(listed or b"") if each.name == path), None)

    def files(self, revision: str, folder: str) -> tuple[Entry, ...]:
        """The regular files directly in a folder, by name."""
        tree = f"{revision}:{folder}" if folder else f"{revision}^{{tree}}"
        listed = self._try("ls-tree", "-z", "-l", tree)
        return tuple(_entries(listed or b""))

    def folders(self, revision: str, folder: str) -> tuple[str, ...]:
        listed = self._try("ls-tree", "-z", "-d", "--name-only", f"{revision}:{folder}") or b""
        return tuple(name for name in listed.decode(errors="replace").split("\0") if name)

    def merge_base(self, one: str, other: str) -> str | None:
        """Where two full SHAs part."""
        found = self._once("merge-base", one, other)
        return found.decode().strip() if found else None

    def is_ancestor(self, old: str, new: str) -> bool:
        return self._try("merge-base", "--is-ancestor", old, new) is not None

    def added(self, base: str, head: str, folder: str) -> tuple[str, ...]:
        """Paths below the folder that `head` has and `base` has not."""
        found = self._try(
            "diff", "-z", "--name-only", "--no-renames", "--diff-filter=A", base, head, "--", folder
        )
        return tuple(path for path in (found or b"").decode(errors="replace").split("\0") if path)

    def changed(self, base: str, head: str, folder: str) -> tuple[str, ...]:
        """Paths below the folder that are not the same at `head` as at `base`."""
        found = self._try("diff", "-z", "--name-only", "--no-renames", base, head, "--", folder)
        return tuple(path for path in (found or b"").decode(errors="replace").split("\0") if path)

    def diff(self, base: str, head: str, *, most: int = 400_000) -> str:
        """The unified diff of two commits, at most so many characters."""
        found = self._try("diff", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", base, head)
        return (found or b"")[:most].decode(errors="replace")

    def _begun(self) -> int:
        """Which mirror of its name this is: a new one begins empty. 0 where there is none."""
        try:
            return (self.path / "HEAD").stat().st_ctime_ns
        except FileNotFoundError:
            return 0

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _try(self, *arguments: str) -> bytes | None:
        """What git says, or None where it says no."""
        done = self._git(list(arguments), CONFIG, READ_SECONDS)
        return done.stdout if done.returncode == 0 else None

    def _once(self, *arguments: str) -> bytes | None:
        """What git says of objects by their full names. That never changes, so a yes is kept."""
        try:
            return _said(self, arguments)
        except LookupError:
            return None

    def _run(
        self, arguments: list[str], config: Mapping[str, str], seconds: int, *, inside: bool = True
    ) -> None:
        done = self._git(arguments, config, seconds, inside=inside)
        if done.returncode != 0:
            last = (done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"])[-1]
            raise MirrorUnavailable(f"{self.repo} could not be read with git: {last[:200]}")

    def _git(
        self,
        arguments: list[str],
        config: Mapping[str, str],
        seconds: int,
        *,
        inside: bool = True,
        stdin: bytes = b"",
    ) -> subprocess.CompletedProcess[bytes]:
        command = ["git", *(["--git-dir", str(self.path)] if inside else []), *arguments]
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": os.devnull,
            **SAFE,
            **_as_environment(config),
        }
        try:
            return subprocess.run(
                command,
                env=environment,
                capture_output=True,
                timeout=seconds,
                check=False,
                input=stdin,
            )
        except subprocess.TimeoutExpired as error:
            raise MirrorUnavailable(f"git took more than {seconds} s for {self.repo}.") from error


@lru_cache(maxsize=4096)
def _has(here: Mirror, _begun: int, sha: str) -> bool:
    """Raises LookupError where it is missing: it may come with the next fetch."""
    if here._try("cat-file", "-e", f"{sha}^{{commit}}") is None:
        raise LookupError
    return True


@lru_cache(maxsize=2048)
def _said(here: Mirror, arguments: tuple[str, ...]) -> bytes:
    """Raises LookupError where git says no: an object may come with the next fetch."""
    said = here._try(*arguments)
    if said is None:
        raise LookupError
    return said


def mirror(repo: str) -> Mirror:
    """The mirror of a repository. Raises ValueError for a name that is none."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}", repo) or ".." in repo:
        raise ValueError(f"{repo!r} is not owner/name.")
    return Mirror(repo, settings.LOCKGATE.data_dir / "mirrors" / f"{repo}.git")


def _basic(token: str) -> str:
    return base64.b64encode(f"x-access-token:{token}".encode()).decode()


def _as_environment(config: Mapping[str, str]) -> dict[str, str]:
    found = {"GIT_CONFIG_COUNT": str(len(config))}
    for index, (key, value) in enumerate(config.items()):
        found |= {f"GIT_CONFIG_KEY_{index}": key, f"GIT_CONFIG_VALUE_{index}": value}
    return found


def _entries(listed: bytes) -> Iterator[Entry]:
    for line in listed.decode(errors="replace").split("\0"):
        if line:
            about, _, name = line.partition("\t")
            mode, kind, oid, size = about.split()
            if kind == "blob" and mode in ("100644", "100755"):
                yield Entry(name, oid, int(size))
