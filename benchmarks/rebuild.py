"""Rebuild of 10,000 pull requests: what it asks of GitHub, and the memory it takes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from benchmarks import reports, server
from benchmarks.counted_github import counted, counts
from benchmarks.seeding import write_history
from standins.github.site import Site
from tests import portal_environment as environment
from tests.governance.seed import CODE_REPO, seed
from tests.governance.world import furnish, served

PULL_REQUESTS = int(os.environ.get("LOCKGATE_BENCH_PULL_REQUESTS", "10000"))


def run() -> None:
    with tempfile.TemporaryDirectory(prefix="lockgate-bench-") as name, server.database() as held:
        folder = Path(name)
        with served(folder) as world:
            furnish(world)
        site = Site(folder / "github", environment.GITHUB_URL)
        repository = site.repository_named(*CODE_REPO.split("/"))
        assert repository is not None
        write_history(site, repository, PULL_REQUESTS)
        site.close()
        with counted(folder / "github", seed(environment.APP_KEY_FILE), environment.GITHUB_PORT) as github:
            counts(github)
            seconds, peak = _rebuild(held)
            asked = counts(github)
        rows = _rows(held.url)
    reports.line(
        "rebuild",
        pull_requests=PULL_REQUESTS,
        rows=rows,
        requests=asked["requests"],
        points=asked["points"],
        peak_megabytes=round(peak / 1024),
        seconds=round(seconds),
        floor="one request for each page of 50",
        floor_requests=-(-PULL_REQUESTS // 50),
        ratio=round(asked["requests"] / -(-PULL_REQUESTS // 50), 2),
    )


def _rebuild(held: server.Database) -> tuple[float, int]:
    """Seconds, and the process's peak in KB. The first reads an empty database, so all of it is written."""
    command, quiet = [sys.executable, "manage.py", "rebuild"], subprocess.DEVNULL
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=server.ROOT, env=dict(held.environment), stdout=quiet)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, "the rebuild failed"
    return time.monotonic() - began, usage.ru_maxrss


def _rows(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM governance_pullrequest").fetchone()
    assert row is not None
    return int(row[0])
