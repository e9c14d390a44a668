"""Programs of a job: each leads its own process group, has a deadline, and is ended with its children."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

MAX_OUTPUT = 4 * 1024 * 1024


class TimedOut(Exception):
    """The program was still running at its deadline and was ended."""


class Stopped(Exception):
    """The stand-in is shutting down: the job is not finished and will be run again."""


class Processes:
    """The programs of one job."""

    def __init__(self) -> None:
        self._groups: list[int] = []
        self._guard = threading.Lock()
        self._stopped = False

    def run(
        self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], output: Path, deadline: float
    ) -> int:
        """Exit code; stdout and stderr go to the file. `deadline` is of `time.monotonic()`."""
        with output.open("wb") as sink:
            process = self._start(command, cwd=cwd, env=env, sink=sink.fileno())
        try:
            code = process.wait(timeout=max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired as error:
            _end(process.pid)
            process.wait()
            raise TimedOut from error
        if self._stopped:
            raise Stopped
        return code

    def end(self) -> None:
        """End everything that is still running, the job's background programs included."""
        with self._guard:
            groups, self._groups = self._groups, []
        for group in groups:
            _end(group)

    def stop(self) -> None:
        """As `end`, and let nothing more start."""
        self._stopped = True
        self.end()

    def _start(
        self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], sink: int
    ) -> subprocess.Popen[bytes]:
        with self._guard:
            if self._stopped:
                raise Stopped
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._groups.append(process.pid)
            return process


def read_output(path: Path) -> str:
    """What a program printed, at most `MAX_OUTPUT` bytes of it."""
    if not path.exists():
        return ""
    with path.open("rb") as source:
        return source.read(MAX_OUTPUT).decode(errors="replace")


def _end(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
