"""A receiver of webhooks that keeps what it heard."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.standin_actions.workflows import wait_for

SECRET = "test-only-webhook-secret"
EVENTS = [
    "check_run",
    "issue_comment",
    "member",
    "membership",
    "organization",
    "pull_request",
    "pull_request_review",
    "push",
    "team",
]


@dataclass
class Heard:
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> str:
        return self.headers["x-github-event"]

    @property
    def payload(self) -> Any:
        return json.loads(self.body)

    @property
    def said(self) -> str:
        return f"{self.event} {self.payload.get('action', '')}".strip()


@dataclass
class Ear:
    """A receiver that answers with `status` once `hold` is set, and keeps what it heard."""

    status: int = 202
    heard: list[Heard] = field(default_factory=list)
    url: str = ""
    hold: threading.Event = field(default_factory=threading.Event)
    waiting: int = 0

    def names(self) -> list[str]:
        return [one.said for one in self.heard]

    def wait(self, said: str, count: int = 1) -> Heard:
        wait_for(lambda: self.names().count(said) >= count, f"{said} among {self.names()}")
        return [one for one in self.heard if one.said == said][count - 1]


@contextmanager
def listening() -> Iterator[Ear]:
    ear = Ear()
    ear.hold.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            ear.waiting += 1
            ear.hold.wait(30)
            ear.heard.append(Heard({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(ear.status)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    ear.url = f"http://127.0.0.1:{server.server_address[1]}/webhooks/github"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield ear
    server.shutdown()
    server.server_close()
