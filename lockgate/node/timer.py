"""The worker's own clock: a thread that takes what is due, whether or not anybody wakes it."""

from __future__ import annotations

import threading
from typing import Protocol


class Turns(Protocol):
    def turn(self) -> None: ...


class Timer:
    """Calls `turn` at least once a second until stopped; `wake` makes the next one come at once."""

    def __init__(self, worker: Turns, *, pause: float = 1.0) -> None:
        self._worker = worker
        self._pause = pause
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lockgate-timer")

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        """Ask the thread to end after its present turn."""
        self._stopping.set()
        self._wake.set()

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._worker.turn()
            self._wake.wait(self._pause)
            self._wake.clear()
