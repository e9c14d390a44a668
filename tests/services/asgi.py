"""An ASGI app on a socket of this process, which starts and ends without waiting for uvicorn's ticks."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import uvicorn

from standins.github import KEEP_ALIVE
from tests.services.ports import wait_until

TICK = 0.1  # seconds
MOST = 2  # seconds that it waits for what is under way


class _Server(uvicorn.Server):
    """Tests start and end hundreds of them: each would wait for two ticks at its end."""

    def end(self) -> None:
        """Called from another thread."""
        self.should_exit = True
        self._loop.call_soon_threadsafe(self._ending.set)

    async def main_loop(self) -> None:
        self._loop, self._ending = asyncio.get_running_loop(), asyncio.Event()
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), TICK)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for closes in (*self.servers, *(sockets or ())):
            closes.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        ends = self._loop.time() + MOST
        while (self.server_state.connections or self.server_state.tasks) and self._loop.time() < ends:
            await asyncio.sleep(0.002)
        for task in self.server_state.tasks:
            task.cancel()
        await self.lifespan.shutdown()


@contextmanager
def serving(app: Any, listener: socket.socket, *, log_level: str = "error") -> Iterator[None]:
    """The app at this socket, for as long as the block runs."""
    config = uvicorn.Config(app, log_level=log_level, access_log=False, timeout_keep_alive=KEEP_ALIVE)
    server = _Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    wait_until(lambda: server.started or not thread.is_alive(), what="the server")
    assert server.started, "the server did not start"
    try:
        yield
    finally:
        server.end()
        thread.join(10)
        listener.close()
