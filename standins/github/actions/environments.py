"""Python environments for `actions/setup-python`: one for each content of a requirement file, made once."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MINUTES_TO_MAKE = 10


class CannotMake(Exception):
    """The environment cannot be had; the message says why."""


@dataclass(frozen=True)
class Environments:
    """`wheelhouse` holds the wheels; no index is ever asked."""

    directory: Path
    wheelhouse: Path
    uv: str

    def prepare(self, requirements: bytes, python: str = "") -> Path:
        """The environment's folder. `python` is a version such as `3.11`; empty means this one."""
        interpreter = _interpreter(python)
        _refuse_options(requirements)
        key = hashlib.sha256(requirements + b"\0" + interpreter.encode()).hexdigest()[:32]
        place = self.directory / key
        with self._lock(key):
            if not (place / ".complete").exists():
                shutil.rmtree(place, ignore_errors=True)
                self._make(place, requirements, interpreter)
                (place / ".complete").touch()
        return place

    def _make(self, place: Path, requirements: bytes, interpreter: str) -> None:
        self._uv("venv", "--quiet", "--no-project", "--python", interpreter, str(place))
        listed = place / "requirements.txt"
        listed.write_bytes(requirements)
        links = ["--find-links", str(self.wheelhouse)] if self.wheelhouse.is_dir() else []
        into = ["--quiet", "--no-index", "--python", str(place / "bin" / "python")]
        strict = ["--require-hashes", "--only-binary", ":all:", "--allow-empty-requirements"]
        self._uv("pip", "sync", *into, *links, *strict, str(listed))
        if not (place / "bin" / "pip").exists():
            # A runner's Python has pip: the workflow's own `pip install` step finds all in place already.
            self._uv("pip", "install", *into, "--no-deps", _bundled_pip(interpreter))

    def _uv(self, *arguments: str) -> None:
        env = {
            "PATH": os.defpath,
            "HOME": str(self.directory),
            "UV_CACHE_DIR": str(self.directory / "cache"),
            "UV_OFFLINE": "1",
            "UV_NO_CONFIG": "1",
            "UV_PYTHON_DOWNLOADS": "never",
        }
        _run([self.uv, *arguments], env)

    @contextmanager
    def _lock(self, key: str) -> Iterator[None]:
        """Held across threads and processes, so that each environment is made by one."""
        self.directory.mkdir(parents=True, exist_ok=True)
        with (self.directory / f"{key}.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def _run(command: list[str], env: dict[str, str]) -> str:
    """What the program printed."""
    try:
        done = subprocess.run(
            command, env=env, capture_output=True, text=True, timeout=60 * MINUTES_TO_MAKE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotMake(f"{Path(command[0]).name} did not run: {error}") from error
    if done.returncode:
        raise CannotMake(f"{Path(command[0]).name} failed: {done.stderr.strip()[-2000:]}")
    return done.stdout.strip()


def _bundled_pip(interpreter: str) -> str:
    """The wheel of pip that comes with Python; Debian keeps it elsewhere."""
    find = (
        "import ensurepip, pathlib, sysconfig;"
        "own = pathlib.Path(ensurepip.__file__).parent / '_bundled';"
        "print(next(pathlib.Path(sysconfig.get_config_var('WHEEL_PKG_DIR') or own).glob('pip-*.whl')))"
    )
    return _run([interpreter, "-c", find], {"PATH": os.defpath})


def _interpreter(version: str) -> str:
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    if version in ("", "3", "3.x", here):
        return str(getattr(sys, "_base_executable", sys.executable))
    other = shutil.which(f"python{version}")
    if other is None:
        raise CannotMake(f"Python {version} is not on this machine; {here} is")
    return other


def _refuse_options(requirements: bytes) -> None:
    """Options of a requirement file could name an index or another file: neither is taken."""
    for line in requirements.decode(errors="replace").splitlines():
        if line.strip().startswith("-") and not line.strip().startswith("--hash="):
            raise CannotMake(f"the requirement file holds an option: {line.strip()[:80]}")
