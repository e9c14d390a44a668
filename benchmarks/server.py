"""The portal on an embedded PostgreSQL, as its own processes, for a measurement."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests import portal_environment
from tests.services.ports import free_port, listens, wait_until
from tests.services.postgres import Postgres, broker_url, install_queue, postgres

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Database:
    """The portal's database, migrated, and the environment of its processes."""

    server: Postgres
    url: str
    environment: Mapping[str, str]

    def manage(self, *arguments: str) -> None:
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, cwd=ROOT, env=dict(self.environment), check=True)

    def connect(self) -> None:
        """Have this very process use it, as a worker of the portal would."""
        from django.db import connections

        found = urlsplit(self.url)
        connections["default"].settings_dict.update(
            HOST=found.hostname,
            PORT=str(found.port),
            NAME=found.path[1:],
            USER=found.username,
            PASSWORD=found.password,
        )


@contextmanager
def database(**changes: str) -> Iterator[Database]:
    """`changes` are settings of the portal beside those that tests use."""
    with tempfile.TemporaryDirectory(prefix="lockgate-bench-") as folder:
        Path(folder).chmod(0o755)
        with postgres(Path(folder) / "data") as server:
            url, queue = server.create_database("portal"), server.create_database("broker")
            install_queue(queue)
            environment = {
                **os.environ,
                **portal_environment.environment(),
                "LOCKGATE_WEBHOOK_SECRET": portal_environment.WEBHOOK_SECRET,
                "LOCKGATE_DATABASE_URL": url,
                "LOCKGATE_BROKER_URL": broker_url(queue),
                "DJANGO_SETTINGS_MODULE": "portal.settings",
                **changes,
            }
            found = Database(server, url, environment)
            found.manage("migrate", "--verbosity", "0")
            yield found


@contextmanager
def web(held: Database, settings: str = "portal.settings") -> Iterator[int]:
    """The portal as the demo runs it; its port."""
    port = free_port()
    bind, shape = ("--bind", f"127.0.0.1:{port}"), ("--workers", "2", "--threads", "4")
    command = [str(BIN / "gunicorn"), "portal.wsgi", *bind, *shape, "--worker-class", "gthread"]
    environment = {**held.environment, "DJANGO_SETTINGS_MODULE": settings}
    process = subprocess.Popen(
        [*command, "--no-control-socket", "--log-level", "error"], cwd=ROOT, env=environment
    )
    try:
        wait_until(lambda: listens(port), what="the portal")
        yield port
    finally:
        process.terminate()
        process.wait(30)
