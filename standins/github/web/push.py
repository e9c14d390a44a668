"""One push: git receives it, its pre-receive hook asks here, what moved is recorded.

The hook connects to a socket made for this push alone, hands over the commands and the place of
the new objects (git keeps them apart until the hook agrees), and repeats the answer to the pusher.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from standins.github.auth.principal import Principal
from standins.github.git import GitRepository
from standins.github.site import Site
from standins.github.store import RefUpdate, Repository
from standins.github.updates import Move, intend, reasons_against, settle

HOOK = """#!{python} -ISE
import json, os, socket, sys
asked = socket.socket(socket.AF_UNIX)
asked.connect(os.environ["STANDIN_PUSH"])
question = {{"commands": sys.stdin.read(), "objects": os.environ.get("GIT_OBJECT_DIRECTORY", "objects")}}
asked.sendall(json.dumps(question).encode() + b"\\n")
refusals = json.loads(asked.makefile().readline())
for line in refusals:
    print(line, file=sys.stderr)
sys.exit(1 if refusals else 0)
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
    with tempfile.TemporaryDirectory(prefix="push") as folder, socket.socket(socket.AF_UNIX) as listener:
        address = os.path.join(folder, "hook")
        listener.bind(address)
        listener.listen(1)
        listener.settimeout(0.05)
        process = subprocess.Popen(
            ["git", "http-backend"],
            env={**environment, "STANDIN_PUSH": address},
            stdin=body,
            stdout=output,
        )
        while process.poll() is None:
            _answer_hook(push, listener)


def _answer_hook(push: _Push, listener: socket.socket) -> None:
    try:
        connection, _ = listener.accept()
    except TimeoutError:
        return
    connection.settimeout(None)
    with connection, connection.makefile("rw") as stream:
        question = json.loads(stream.readline())
        stream.write(json.dumps(_decide(push, question)) + "\n")


def _decide(push: _Push, question: Mapping[str, str]) -> list[str]:
    """What stands in the way of the whole push; where nothing does, its moves are written down."""
    git = GitRepository(push.site.git(push.repository).path, quarantine=Path(question["objects"]))
    moves = [_move(line) for line in question["commands"].splitlines()]
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
    hook, text = git.path / "hooks" / "pre-receive", HOOK.format(python=sys.executable)
    if not hook.exists() or hook.read_text() != text:
        hook.parent.mkdir(exist_ok=True)
        fresh = hook.with_suffix(".new")
        fresh.write_text(text)
        fresh.chmod(0o755)
        fresh.replace(hook)
