"""Starting, watching and stopping the demo's processes, each in a group of its own.

A process that dies is started again, as an orchestrator would in production. Stopping
ends whole groups (Dagster leaves children behind after SIGTERM) and then sweeps up
whatever still carries this demo's mark in its environment.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

MARK = "LOCKGATE_DEMO_MARK"
GRACE = 8.0  # seconds between SIGTERM and SIGKILL
POLL = 0.1
BACK_OFF = 2.0


class NotReady(Exception):
    """A part of the demo did not come up; its log says why."""


@dataclass(frozen=True)
class Program:
    """What to run, with which environment, and how to tell that it is ready."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    ready: Callable[[], bool]
    user: str | None = None
    patience: float = 240.0


@dataclass
class Running:
    program: Program
    process: subprocess.Popen[bytes]
    started: float
    batch: int


@dataclass
class Supervisor:
    """Keeps the programs of one demo running until told to stop."""

    logs: Path
    mark: str
    running: dict[str, Running] = field(default_factory=dict)
    on_change: Callable[[], None] = lambda: None
    stopping: bool = False
    batches: int = 0

    def start(self, *programs: Program) -> None:
        """Start these side by side, and wait until each is ready."""
        began = time.monotonic()
        self.batches += 1
        for program in programs:
            self._spawn(program, self.batches)
        for program in programs:
            self._wait(program, began + program.patience)

    def _wait(self, program: Program, deadline: float) -> None:
        while not program.ready():
            if self.stopping:
                raise NotReady(f"{program.name} was stopped before it was ready.")
            if time.monotonic() > deadline or self.running[program.name].process.poll() is not None:
                raise NotReady(f"{program.name} did not start.\n{self._tail(program.name)}")
            time.sleep(POLL)

    def watch(self) -> None:
        """Start again what died, until `stopping` is set by a signal."""
        while not self.stopping:
            for each in list(self.running.values()):
                if each.process.poll() is not None and time.monotonic() - each.started > BACK_OFF:
                    print(f"{each.program.name} stopped; starting it again.", flush=True)
                    end_group(each.process.pid)
                    self._spawn(each.program, each.batch)
                    self.on_change()
            time.sleep(POLL)

    def stop(self) -> None:
        """End every process, what was started last first, so that nothing loses what it stands on."""
        self.stopping = True
        for batch in range(self.batches, 0, -1):
            self._stop([each.process for each in self.running.values() if each.batch == batch])
        sweep(self.mark)

    def _stop(self, processes: list[subprocess.Popen[bytes]]) -> None:
        for process in processes:
            send(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        for process in processes:
            wait(process, max(0.1, deadline - time.monotonic()))
            end_group(process.pid)
            process.wait()

    def pids(self) -> dict[str, int]:
        return {name: each.process.pid for name, each in self.running.items()}

    def _spawn(self, program: Program, batch: int) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.logs / f"{program.name}.log").open("ab") as log:
            process = subprocess.Popen(
                list(program.argv),
                cwd=program.folder,
                env={**program.environment, MARK: self.mark},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=program.user,
                group=program.user,
            )
        self.running[program.name] = Running(program, process, time.monotonic(), batch)

    def _tail(self, name: str, lines: int = 30) -> str:
        text = (self.logs / f"{name}.log").read_text(errors="replace")
        return "\n".join(text.splitlines()[-lines:])


def send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def end_group(pid: int) -> None:
    """Kill what is left of a process group whose leader was `pid`."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


def sweep(mark: str) -> None:
    """Kill every process that carries this demo's mark, whatever group it moved to."""
    for process in marked(mark):
        process.kill()
    psutil.wait_procs(marked(mark), timeout=GRACE)


def marked(mark: str) -> list[psutil.Process]:
    return [each for each in psutil.process_iter() if each.pid != os.getpid() and _carries(each, mark)]


def _carries(process: psutil.Process, mark: str) -> bool:
    try:
        return process.environ().get(MARK) == mark
    except psutil.Error:
        return False
