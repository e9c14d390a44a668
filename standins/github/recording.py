"""What this GitHub is asked, what it answers and what it tells, written down for whoever checks it.

Off, unless the environment names a folder for it. Each process appends lines of JSON to a file of its own:

* `{"method", "path", "query", "accept", "agent", "version", "asked", "status", "type", "answered"}` for an
  exchange (bodies as text, the path as it was sent), and `{"document"}` for GraphQL that it understood, each
  text once;
* `{"event", "payload"}` for a webhook;
* `{"crash", "error"}` for what broke inside: the call or listener, and how.
"""

from __future__ import annotations

import json
import os
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FOLDER = "STANDIN_GITHUB_RECORDS"
_API = "/api/v3/"

Write = Callable[[dict[str, Any]], None]


def writer() -> Write | None:
    """Appends to this process's file in the folder that the environment names; None where it names none."""
    folder = os.environ.get(FOLDER)
    if not folder:
        return None
    path = Path(folder) / f"{os.getpid()}.jsonl"

    def write(said: dict[str, Any]) -> None:
        with path.open("ab", buffering=0) as file:
            file.write(json.dumps(said).encode() + b"\n")

    return write


def record(said: dict[str, Any]) -> None:
    """For what is rare; who writes much keeps a `writer`."""
    if write := writer():
        write(said)


def record_crash(where: str, error: BaseException) -> None:
    """Something broke that only harms the one who asked: the rest goes on, and a check must see it."""
    record({"crash": where, "error": "".join(traceback.format_exception(error))})


class Recorder:
    """ASGI middleware; the record stands before the client has the end of its answer."""

    def __init__(self, app: ASGIApp, write: Write) -> None:
        self._app = app
        self._write = write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["path"].startswith(_API):
            exchange = _Exchange(scope, receive, send, self._write)
            receive, send = exchange.receive, exchange.send
        try:
            await self._app(scope, receive, send)
        except ClientDisconnect:
            raise  # nobody waits for the answer
        except Exception as error:
            record_crash(f"{scope['method']} {scope['path']}", error)
            raise


class _Exchange:
    """One request and its answer, passed on as they come and kept until the end."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, write: Write) -> None:
        self._scope, self._receive, self._send, self._write = scope, receive, send, write
        self._asked, self._answered = b"", b""
        self._begun: Message = {}

    async def receive(self) -> Message:
        message = await self._receive()
        self._asked += message.get("body", b"")
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._begun = message
        elif message["type"] == "http.response.body":
            self._answered += message.get("body", b"")
            if not message.get("more_body"):
                self._write(self._record())
        await self._send(message)

    def _record(self) -> dict[str, Any]:
        asked = Headers(scope=self._scope)
        return {
            "method": self._scope["method"],
            "path": self._scope["raw_path"].decode("ascii"),
            "query": self._scope["query_string"].decode("ascii"),
            "accept": asked.get("accept", ""),
            "agent": asked.get("user-agent", ""),
            "version": asked.get("x-github-api-version", ""),
            "asked": self._asked.decode("utf-8", "replace"),
            "status": self._begun["status"],
            "type": Headers(raw=self._begun["headers"]).get("content-type", ""),
            "answered": self._answered.decode("utf-8", "replace"),
        }
