"""Git in a bare repository: no prompt, no hook, nobody's configuration but ours."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from lockgate.evidence.errors import MirrorUnavailable

_OURS = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "http:https",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "LC_ALL": "C",
}
_SETTINGS = {
    "core.hooksPath": os.devnull,
    "credential.helper": "",
    "http.followRedirects": "false",
    "protocol.version": "2",
    "fetch.recurseSubmodules": "no",
}


def git(
    repository: Path,
    *arguments: str,
    settings: Mapping[str, str] | None = None,
    timeout: float = 30,
    allowed: Sequence[int] = (0,),
) -> subprocess.CompletedProcess[bytes]:
    """Run git. `settings` go by environment, never by argument or file, for they may hold a token."""
    try:
        done = subprocess.run(
            ["git", "--git-dir", str(repository), *arguments],
            env=_environment({**_SETTINGS, **(settings or {})}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise MirrorUnavailable(f"git {arguments[0]} took longer than {timeout:.0f} seconds.") from error
    if done.returncode not in allowed:
        raise MirrorUnavailable(f"git {arguments[0]} failed: {_last_line(done.stderr)}")
    return done


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= _OURS
    environment["GIT_CONFIG_COUNT"] = str(len(settings))
    for number, (name, value) in enumerate(settings.items()):
        environment[f"GIT_CONFIG_KEY_{number}"] = name
        environment[f"GIT_CONFIG_VALUE_{number}"] = value
    return environment


def _last_line(stderr: bytes) -> str:
    lines = stderr.decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "it gave no reason"
