"""One push: git receives it, its pre-receive hook asks here, what moved is recorded.

The hook has two pipes that git was given for this push alone: by one it hands over the commands and the place
of the new objects (git keeps them apart until the hook agrees), by the other it hears the answer, which it
repeats to the pusher. It is a shell's, for an interpreter would take longer to start than the rest of a push.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from standins.github.auth.principal import Principal
from standins.github.git import GitRepository
from standins.github.site import Site
from standins.github.store import RefUpdate, Repository
from standins.github.updates import Move, intend, reasons_against, settle

# An answer begins with how the hook is to end; without one it ends as refused.
HOOK = """#!/bin/sh
set -eu
{ printf '%s\\n' "${GIT_OBJECT_DIRECTORY:-objects}"; cat; echo; } >"/dev/fd/$STANDIN_ASKS"
exec <"/dev/fd/$STANDIN_HEARS"
read -r ending
cat >&2
exit "$ending"
"""


@dataclass
class _Push:
    site: Site
    repository: Repository
    principal: Principal
    intents: list[RefUpdate] = field(default_factory=list)


def receive_push(
    site: Site,
    repository: Repository,
    principal: Principal,
    environment: Mapping[str, str],
    body: IO[bytes],
) -> IO[bytes]:
    """Runs `git http-backend` on a push; returns its answer. Events go out at the end."""
    output = tempfile.TemporaryFile()  # noqa: SIM115
    push = _Push(site, repository, principal)
    _keep_hook(site.git(repository))
    with site.lock(repository), body:
        _run(push, environment, body, output)
        events = [event for one in push.intents for event in settle(site, repository, one)]
    site.bus.emit(*events)
    return output


def _run(push: _Push, environment: Mapping[str, str], body: IO[bytes], output: IO[bytes]) -> None:
    (asked, asks), (hears, answer) = os.pipe(), os.pipe()
    process = subprocess.Popen(
        ["git", "http-backend"],
        env={**environment, "STANDIN_ASKS": str(asks), "STANDIN_HEARS": str(hears)},
        stdin=body,
        stdout=output,
        pass_fds=(asks, hears),
    )
    os.close(asks)
    os.close(hears)
    with process, _lines(asked, "r") as question, _lines(answer, "w") as said:
        if place := question.readline():  # nothing where git ends without asking
            refusals = _decide(push, Path(place.rstrip("\n")), _commands(question))
            said.write("".join(f"{line}\n" for line in ("1" if refusals else "0", *refusals)))


def _lines(pipe: int, way: str) -> IO[str]:
    """Names of refs may be bytes of any kind."""
    return open(pipe, way, encoding="utf-8", errors="surrogateescape")


def _commands(question: IO[str]) -> list[str]:
    """The lines up to an empty one."""
    return list(iter(lambda: question.readline().rstrip("\n"), ""))


def _decide(push: _Push, objects: Path, commands: Sequence[str]) -> list[str]:
    """What stands in the way of the whole push; where nothing does, its moves are written down."""
    git = GitRepository(push.site.git(push.repository).path, quarantine=objects)
    moves = [_move(line) for line in commands]
    lines = []
    for move in moves:
        if not move.ref.startswith(("refs/heads/", "refs/tags/")):
            lines.append(f"error: {move.ref}: only branches and tags can be pushed")
        reasons = reasons_against(push.site, push.repository, push.principal, move, git)
        lines += reasons.to_pusher(move.ref)
    if not lines:
        push.intents = intend(push.site, push.repository, push.principal, moves)
    return lines


def _move(line: str) -> Move:
    before, after, ref = line.split(" ", 2)
    return Move(ref, before, after)


def _keep_hook(git: GitRepository) -> None:
    hook = git.path / "hooks" / "pre-receive"
    if not hook.exists() or hook.read_text() != HOOK:
        hook.parent.mkdir(exist_ok=True)
        fresh = hook.with_suffix(".new")
        fresh.write_text(HOOK)
        fresh.chmod(0o755)
        fresh.replace(hook)
