"""The demo as tests run it: the very command of the Makefile, with a folder and ports of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.services.ports import free_block, wait_until

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = 300.0


@dataclass
class RunningDemo:
    """A demo that is up; `endpoints` is read anew, since processes come back under other ids."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def endpoints(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.folder / "endpoints.json").read_text())
        return content

    @property
    def portal(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def github(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    @property
    def secrets(self) -> dict[str, str]:
        content: dict[str, str] = json.loads((self.folder / "keys" / "secrets.json").read_text())
        return content

    def kill(self, name: str) -> None:
        """`kill -9` of one process and its children; the supervisor starts it again."""
        pid = self.endpoints["pids"][name]
        main = psutil.Process(pid)
        for child in main.children(recursive=True):
            with suppress(psutil.NoSuchProcess):  # a command that has ended by itself
                child.kill()
        main.kill()
        wait_until(lambda: self.endpoints["pids"][name] != pid, what=f"{name}, started again", seconds=60)
        wait_until(lambda: answers(f"{self.portal}/status"), what="the portal", seconds=60)

    def processes(self) -> list[psutil.Process]:
        """Every process that carries this demo's mark, wherever it has moved to."""
        mark = self.secrets["mark"]
        return [
            each for each in psutil.process_iter() if _environment(each).get("LOCKGATE_DEMO_MARK") == mark
        ]

    def start(self) -> None:
        """Start the demo of this folder, anew or where it was, and wait until it says that all is ready."""
        ours = {"LOCKGATE_DEMO_DIR": str(self.folder), "LOCKGATE_PORT": str(self.port)}
        log = self.folder.parent / f"{self.folder.name}.log"
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "deploy.demo"],
                cwd=ROOT,
                env={**os.environ, **ours},
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        _wait_until_ready(self, log)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)


@contextmanager
def running(folder: Path) -> Iterator[RunningDemo]:
    """Start the demo; stop it at the end."""
    demo = RunningDemo(folder, free_block(7))
    try:
        demo.start()
        yield demo
    finally:
        if demo.process.poll() is None:
            demo.stop()


def _wait_until_ready(demo: RunningDemo, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while not (demo.folder / "endpoints.json").exists():
        if demo.process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"The demo did not become ready.\n{log.read_text()[-3000:]}")
        time.sleep(0.1)


def answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5, trust_env=False).status_code == HTTPStatus.OK
    except httpx.HTTPError:
        return False


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except psutil.Error:
        return {}
