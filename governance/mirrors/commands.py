"""Git's own commands on a mirror: no prompt, no hook, nobody's configuration but ours.

A token reaches git through its environment alone: it stands in no argument and in no file.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence

from lockgate.errors import Unavailable

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
REDIRECTED = re.compile(rb"returned error: 30[1278]\b")


class MirrorUnavailable(Unavailable):
    """The mirror could not be brought up to date, or does not hold what was asked for."""

    def __init__(
        self, why: str, *, next_step: str = "Nothing changed. Lockgate tries again by itself."
    ) -> None:
        super().__init__(why, next_step=next_step)


class RepositoryMoved(MirrorUnavailable):
    """GitHub leads to another address. It is not followed: the Node Repo says which repository counts."""

    def __init__(self, repo: str) -> None:
        super().__init__(
            f"GitHub says that {repo} has moved: it was renamed or transferred.",
            next_step="A maintainer puts its name of today into the Node Repo; then Lockgate reads it.",
        )


class MirrorSlow(MirrorUnavailable):
    """Git did not end in time."""


def run(
    repo: str, arguments: Sequence[str], *, seconds: int, config: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run git, at most so many seconds; `repo` for what is said where it takes longer."""
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": os.devnull,
        **SAFE,
        **_as_environment({**CONFIG, **(config or {})}),
    }
    command = ["git", *arguments]
    try:
        return subprocess.run(command, env=environment, capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as error:
        raise MirrorSlow(f"git took more than {seconds} s for {repo}.") from error


def run_well(
    repo: str, arguments: Sequence[str], *, seconds: int, config: Mapping[str, str] | None = None
) -> None:
    """Run git, which must succeed. Raises `MirrorUnavailable` with its last word."""
    done = run(repo, arguments, seconds=seconds, config=config)
    if done.returncode != 0:
        if REDIRECTED.search(done.stderr):
            raise RepositoryMoved(repo)
        last = (done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"])[-1]
        raise MirrorUnavailable(f"{repo} could not be read with git: {last[:200]}")


def _as_environment(config: Mapping[str, str]) -> dict[str, str]:
    found = {"GIT_CONFIG_COUNT": str(len(config))}
    for index, (key, value) in enumerate(config.items()):
        found |= {f"GIT_CONFIG_KEY_{index}": key, f"GIT_CONFIG_VALUE_{index}": value}
    return found
