"""Wakes a worker for what has come in, without keeping the one waiting who brought it.

A thread of this process sends the wake-ups, at most a few a second, however much comes in.
"""

from __future__ import annotations

import logging
import threading
import time

from governance.tasks import wake

logger = logging.getLogger(__name__)
SECONDS_BETWEEN = 0.2
_asked = threading.Event()
_starting = threading.Lock()
_thread: threading.Thread | None = None


def wake_soon() -> None:
    """A worker is woken at once or, where one just was, in a moment."""
    global _thread
    _asked.set()
    if _thread is None or not _thread.is_alive():
        with _starting:
            if _thread is None or not _thread.is_alive():
                _thread = threading.Thread(target=_run, name="waking", daemon=True)
                _thread.start()


def _run() -> None:
    while _asked.wait():
        _asked.clear()
        try:
            wake()
        except Exception:  # the edge of this thread's loop: the timer comes by anyway
            logger.exception("No worker was woken")
        time.sleep(SECONDS_BETWEEN)
