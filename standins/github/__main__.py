"""`python -m standins.github --data DIR --port N --seed FILE`: serves until it is told to stop."""

from __future__ import annotations

import argparse
import logging
import socket
from pathlib import Path

import uvicorn

from standins.github.app import KEEP_ALIVE, create_app
from standins.github.seed import Seed


def main() -> None:
    parser = argparse.ArgumentParser(prog="standins.github", description="A local GitHub.")
    parser.add_argument("--data", type=Path, required=True, help="folder that keeps everything")
    parser.add_argument("--port", type=int, default=8401, help="0 takes a free one")
    parser.add_argument("--seed", type=Path, required=True, help="JSON file of accounts, Apps, repositories")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    listener = socket.create_server(("127.0.0.1", options.port), backlog=128)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = create_app(options.data, Seed.read(options.seed), url=url)
    print(f"listening on {url}", flush=True)  # noqa: T201
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=3,
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
