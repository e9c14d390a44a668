"""Free TCP ports and waiting for a server to answer on one."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(ready: Callable[[], bool], *, what: str, seconds: float = 30, every: float = 0.02) -> None:
    """Poll `ready` until it is true; raise TimeoutError naming `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} was not ready within {seconds:.0f} s")
        time.sleep(every)


def listens(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


def free_block(size: int) -> int:
    """The first of `size` ports in a row that are all free.

    They lie below those that the system hands out by itself, so that no connection takes one meanwhile.
    """
    while True:
        first = random.randrange(10_240, 32_000, 10)
        if all(is_free(first + offset) for offset in range(size)):
            return first


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
