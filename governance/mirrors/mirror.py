"""One mirror: fetched with a token that is never written anywhere, by one process at a time."""

from __future__ import annotations

import base64
import fcntl
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings

from governance.mirrors.commands import MirrorSlow, run, run_well
from governance.mirrors.reading import Reading

FETCH_SECONDS = 45
READ_SECONDS = 20
REST_SECONDS = 120  # after a fetch that took too long: who waits for it waits for nothing else
REFS = ("+refs/heads/*:refs/heads/*", "+refs/pull/*/head:refs/pull/*/head")
PLAIN = ("--no-color", "--no-ext-diff", "--no-textconv", "--no-renames")


@dataclass(frozen=True)
class Mirror(Reading):
    """One repository (`owner/name`) below the portal's data folder."""

    def fetch(self, token: str) -> None:
        """Bring all branches and pull request heads up to date; one fetch at a time.

        Where the last one took too long there is none for a while, so that others get their turn.
        """
        url = f"{settings.LOCKGATE.github_url}/{self.repo}.git"
        secret = {f"http.{url}.extraHeader": f"Authorization: Basic {_basic(token)}"}
        into = ["--git-dir", str(self.path), "fetch", "--prune", "--no-tags", "--no-write-fetch-head"]
        with self._locked(), self._rested():
            if not (self.path / "HEAD").exists():
                run_well(
                    self.repo,
                    ["init", "--bare", "--quiet", "--template=", str(self.path)],
                    seconds=READ_SECONDS,
                )
            run_well(self.repo, [*into, "--quiet", url, *REFS], seconds=FETCH_SECONDS, config=secret)

    @contextmanager
    def _rested(self) -> Iterator[None]:
        slow = self.path.with_suffix(".slow")
        if slow.exists() and time.time() - slow.stat().st_mtime < REST_SECONDS:
            raise MirrorSlow(f"git took too long for {self.repo} just now.")
        try:
            yield
        except MirrorSlow:
            slow.touch()
            raise
        slow.unlink(missing_ok=True)

    def diff(self, base: str, head: str, *, most: int = 400_000) -> str:
        """The unified diff of two commits, at most so many characters; empty where it cannot be told."""
        words = ["--git-dir", str(self.path), "diff", *PLAIN, base, head]
        done = run(self.repo, words, seconds=READ_SECONDS)
        return done.stdout[:most].decode(errors="replace") if done.returncode == 0 else ""

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def mirror(repo: str) -> Mirror:
    """The mirror of a repository. Raises ValueError for a name that is none."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}", repo) or ".." in repo:
        raise ValueError(f"{repo!r} is not owner/name.")
    return Mirror(repo, settings.LOCKGATE.data_dir / "mirrors" / f"{repo}.git")


def _basic(token: str) -> str:
    return base64.b64encode(f"x-access-token:{token}".encode()).decode()
