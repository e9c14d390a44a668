"""The local GitHub as a process that counts what it is asked; `DELETE /counts` tells and begins anew."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import uvicorn
from graphql import parse
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from benchmarks.server import ROOT
from standins.github import Seed, create_app
from standins.github.graphql.price import price_of
from tests.services.ports import listens, wait_until


class Counted:
    """Requests to the API, and the points of those to GraphQL; git over HTTP is not counted."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._counts = {"requests": 0, "points": 0}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/counts":
            await JSONResponse(self._counts)(scope, receive, send)
            if scope["method"] == "DELETE":
                self._counts = {"requests": 0, "points": 0}
            return
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        body = await _whole(receive)
        self._counts["requests"] += 1
        if scope["path"] == "/api/graphql":
            said = json.loads(body)
            self._counts["points"] += price_of(parse(said["query"]), said.get("variables") or {}, None).points
        await self._app(scope, _once(body, receive), send)


async def _whole(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _once(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


@contextmanager
def counted(folder: Path, seed: Mapping[str, object], port: int) -> Iterator[str]:
    """Serve the local GitHub that lies in the folder; its address."""
    seed_file = folder.with_suffix(".json")
    seed_file.write_text(json.dumps(seed))
    options = ("--data", str(folder), "--seed", str(seed_file), "--port", str(port))
    command = [sys.executable, "-m", "benchmarks.counted_github", *options]
    process = subprocess.Popen(command, cwd=ROOT, env=dict(os.environ))
    try:
        wait_until(lambda: listens(port), what="the local GitHub", seconds=120)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def counts(address: str) -> dict[str, int]:
    """What was asked since the last call."""
    found: dict[str, int] = httpx.request("DELETE", f"{address}/counts", trust_env=False).json()
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    url = f"http://127.0.0.1:{options.port}"
    app = Counted(create_app(options.data, Seed.read(options.seed), url=url))
    uvicorn.run(app, port=options.port, log_level="critical", access_log=False)


if __name__ == "__main__":
    main()
