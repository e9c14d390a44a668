"""How the demo tells that a part is ready."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import httpx


def listens(port: int) -> Callable[[], bool]:
    def ready() -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", port)) == 0

    return ready


def answers(url: str) -> Callable[[], bool]:
    """Ready when the address answers at all, below 500."""

    def ready() -> bool:
        try:
            return httpx.get(url, timeout=5, trust_env=False).status_code < 500
        except httpx.HTTPError:
            return False

    return ready


def says(log: Path, words: str) -> Callable[[], bool]:
    """Ready when the program has written these words since the supervisor made this probe."""
    start = log.stat().st_size if log.exists() else 0

    def ready() -> bool:
        if not log.exists():
            return False
        with log.open("rb") as file:
            file.seek(start)
            return words.encode() in file.read()

    return ready
