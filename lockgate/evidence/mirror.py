"""A bare mirror of a repository on GitHub, fetched with a token that is never written anywhere."""

from __future__ import annotations

import base64
import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lockgate.evidence.client import Token
from lockgate.evidence.errors import HistoryRewritten, MirrorUnavailable
from lockgate.evidence.git import git

HEADS = ("+refs/heads/*:refs/heads/*",)
HEADS_AND_PULLS = (*HEADS, "+refs/pull/*/head:refs/pull/*/head")


@dataclass(frozen=True)
class Commit:
    """One commit on the first-parent line; `committed` is its committer's time, in UTC."""

    sha: str
    parents: tuple[str, ...]
    committed: datetime


class Mirror:
    """The repository `owner/name` of a GitHub, at `path` (made when first fetched)."""

    def __init__(self, path: Path, github_url: str, repository: str, token: Token) -> None:
        self.path = path
        self._url = f"{github_url.rstrip('/')}/{repository}.git"
        self._token = token

    def fetch(self, refspecs: Sequence[str] = HEADS, *, timeout: float = 50) -> None:
        """Bring the mirror up to date. Raises `MirrorUnavailable`; `timeout` in seconds."""
        with self._alone():
            if not (self.path / "HEAD").exists():
                git(self.path, "init", "--quiet", "--bare", str(self.path))
            arguments = ("fetch", "--quiet", "--prune", "--no-tags", self._url, *refspecs)
            git(self.path, *arguments, settings=self._secret(), timeout=timeout)

    def tip(self, branch: str) -> str:
        """The commit at the tip of a branch."""
        return self.commit(f"refs/heads/{branch}")

    def commit(self, revision: str) -> str:
        """The full id of the commit that `revision` names. Raises `MirrorUnavailable` when there is none."""
        found = git(
            self.path, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
        )
        return found.stdout.decode().strip()

    def guard(self, known: str, tip: str) -> None:
        """Raises `HistoryRewritten` unless `known`, once on the branch, is still an ancestor of `tip`."""
        if not self.is_ancestor(known, tip):
            raise HistoryRewritten(
                f"The default branch was rewritten: it no longer contains {known[:7]}.",
                next_step="Everything of this project stops until a maintainer resets it by pull request.",
            )

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        """A commit that the mirror no longer has is nobody's ancestor."""
        exists = git(self.path, "cat-file", "-e", f"{ancestor}^{{commit}}", allowed=(0, 1, 128))
        if exists.returncode != 0:
            return False
        done = git(self.path, "merge-base", "--is-ancestor", ancestor, descendant, allowed=(0, 1))
        return done.returncode == 0

    def merges_since(self, since: str, tip: str) -> tuple[Commit, ...]:
        """Every commit after `since` on the first-parent line of `tip`, oldest first.

        Those without a second parent are listed too: nobody merged them, and `judge_merge` holds them.
        """
        self.guard(since, tip)
        arguments = ("--first-parent", "--reverse", "--format=%H|%P|%ct", f"{since}..{tip}")
        log = git(self.path, "log", *arguments, "--").stdout.decode()
        return tuple(_commit(line) for line in log.splitlines())

    def one(self, sha: str) -> Commit:
        """One commit with its parents."""
        return _commit(git(self.path, "log", "-1", "--format=%H|%P|%ct", sha, "--").stdout.decode().strip())

    def first_with(self, path: str, since: str, tip: str) -> Commit | None:
        """The first commit after `since` on the first-parent line of `tip` that adds `path`, or None."""
        arguments = ("--first-parent", "--diff-merges=first-parent", "--diff-filter=A", "--no-renames")
        shown = ("--reverse", "--format=%H|%P|%ct", f"{since}..{tip}", "--", path)
        lines = git(self.path, "log", *arguments, *shown).stdout.decode().splitlines()
        return _commit(lines[0]) if lines else None

    def added(self, commit: str, under: str) -> tuple[str, ...]:
        """The files below `under` that this commit adds to its first parent."""
        arguments = ("--no-commit-id", "--no-renames", "--diff-filter=A", "--name-only", "-r", "-z")
        done = git(self.path, "diff-tree", *arguments, f"{commit}^1", commit, "--", under)
        return tuple(name.decode(errors="surrogateescape") for name in done.stdout.split(b"\0") if name)

    def changes(self, before: str, after: str) -> bytes:
        """What one commit's tree changes in the other's, as Git lists it: modes, blobs, paths."""
        return git(self.path, "diff-tree", "-r", "-z", "--no-renames", before, after).stdout

    def merge_base(self, one: str, other: str) -> str:
        """Their best common ancestor. Raises `MirrorUnavailable` when there is none."""
        return git(self.path, "merge-base", one, other).stdout.decode().strip()

    def paths(self, revision: str, under: str) -> tuple[str, ...]:
        """Every file below `under` at a revision."""
        done = git(self.path, "ls-tree", "-r", "-z", "--name-only", revision, "--", under)
        return tuple(name.decode(errors="surrogateescape") for name in done.stdout.split(b"\0") if name)

    def blob(self, revision: str, path: str) -> str | None:
        """The blob id of a file, or None where there is no such plain file."""
        line = (
            git(self.path, "ls-tree", "-z", revision, "--", path)
            .stdout.rstrip(b"\0")
            .decode(errors="replace")
        )
        mode, kind, rest = line.split(" ", 2) if line else ("", "", "")
        sha, _, name = rest.partition("\t")
        return sha if kind == "blob" and mode in ("100644", "100755") and name == path else None

    def read(self, revision: str, path: str) -> bytes | None:
        """The bytes of a plain file at a revision, or None where there is none."""
        sha = self.blob(revision, path)
        return None if sha is None else git(self.path, "cat-file", "blob", sha).stdout

    def _secret(self) -> dict[str, str]:
        """The token as a header for this one address."""
        basic = base64.b64encode(f"x-access-token:{self._token()}".encode()).decode()
        return {f"http.{self._url}.extraHeader": f"Authorization: Basic {basic}"}

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One fetch at a time, over all processes."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "lockgate.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise MirrorUnavailable("The repository is being fetched by another process.") from error
            yield


def _commit(line: str) -> Commit:
    sha, parents, committed = line.split("|")
    return Commit(sha, tuple(parents.split()), datetime.fromtimestamp(int(committed), UTC))
