"""`actions/checkout`: a working copy from the stand-in's own bare repository."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class CannotCheckOut(Exception):
    """There is no working copy; the message says why."""


@dataclass(frozen=True)
class Source:
    """`bare` is the repository's folder, `url` its address, `sha` and `ref` what the event is about."""

    bare: Path
    url: str
    sha: str
    ref: str
    token: str


def check_out(source: Source, workspace: Path, inputs: Mapping[str, str], env: Mapping[str, str]) -> None:
    """Fill `workspace` (or `path` below it) with the wanted revision."""
    target = _target(workspace, inputs.get("path", ""))
    target.mkdir(parents=True, exist_ok=True)
    sha = _resolve(source, inputs.get("ref", ""), env)
    _git(target, env, "init", "--quiet")
    _git(target, env, "remote", "add", "origin", source.url)
    for arguments in _fetches(source, sha, inputs.get("fetch-depth", "1")):
        _git(target, env, "fetch", "--quiet", "--no-recurse-submodules", *arguments)
    _switch(source, target, sha, inputs.get("ref", ""), env)
    if inputs.get("persist-credentials", "true") != "false":
        _keep_token(source, target, env)


def _target(workspace: Path, path: str) -> Path:
    target = (workspace / path).resolve()
    if not target.is_relative_to(workspace.resolve()):
        raise CannotCheckOut(f"the path {path} leaves the workspace")
    return target


def _resolve(source: Source, wanted: str, env: Mapping[str, str]) -> str:
    if not wanted:
        return source.sha
    for name in (f"refs/heads/{wanted}", f"refs/tags/{wanted}", wanted):
        found = _try_git(
            source.bare, env, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
        )
        if found.returncode == 0:
            return found.stdout.strip()
    raise CannotCheckOut(f"a branch, tag or commit {wanted} could not be found")


def _fetches(source: Source, sha: str, depth: str) -> list[list[str]]:
    if not depth.isdecimal():
        raise CannotCheckOut(f"fetch-depth {depth} is no number")
    bare = source.bare.as_uri()
    if int(depth):
        return [["--no-tags", f"--depth={depth}", bare, sha]]
    everything = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"]
    return [["--no-tags", bare, *everything], ["--no-tags", bare, sha]]


def _switch(source: Source, target: Path, sha: str, wanted: str, env: Mapping[str, str]) -> None:
    """A branch stays a branch, anything else is checked out detached: as the real action does."""
    branch = wanted or (
        source.ref.removeprefix("refs/heads/") if source.ref.startswith("refs/heads/") else ""
    )
    known = branch and _try_git(source.bare, env, "show-ref", "--verify", "--quiet", f"refs/heads/{branch}")
    if known and known.returncode == 0:
        _git(target, env, "update-ref", f"refs/remotes/origin/{branch}", sha)
        _git(target, env, "checkout", "--quiet", "--force", "-B", branch, f"refs/remotes/origin/{branch}")
    else:
        _git(target, env, "checkout", "--quiet", "--force", "--detach", sha)


def _keep_token(source: Source, target: Path, env: Mapping[str, str]) -> None:
    basic = base64.b64encode(f"x-access-token:{source.token}".encode()).decode()
    server = source.url.split("/", 3)
    _git(target, env, "config", f"http.{'/'.join(server[:3])}/.extraheader", f"AUTHORIZATION: basic {basic}")


def _git(where: Path, env: Mapping[str, str], *arguments: str) -> None:
    done = _try_git(where, env, *arguments)
    if done.returncode:
        raise CannotCheckOut(f"git {arguments[0]}: {done.stderr.strip()[-1000:]}")


def _try_git(where: Path, env: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *arguments],
        cwd=where,
        env=dict(env),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
