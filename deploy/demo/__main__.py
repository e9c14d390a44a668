"""`python -m deploy.demo`: start everything, say where to sign in, and keep it running until Ctrl-C.

`python -m deploy.demo reset` forgets everything that the demo made.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import IO

import psycopg
from pgmq.install import get_embedded_install_sql

from deploy.demo import dagster, environments, github, keys, node, portal, postgres, processes, stores
from deploy.demo.layout import ACCOUNTS, BIN, CODE_REPO, NODE_REPO, Layout
from deploy.demo.processes import NotReady, Program, Supervisor
from deploy.demo.repositories import MakingFailed, Workshop

POSTURE_TRIES = 20


@dataclass
class Demo:
    """The order in which the parts come up; every step may be repeated."""

    layout: Layout
    keys: keys.Keys
    supervisor: Supervisor
    began: float = field(default_factory=time.monotonic)

    def start(self) -> None:
        base = self.base_environment()
        environments.keep_wheels(self.layout)
        self._database(base)
        stores.prepare(self.layout)
        self._start("storage and the local GitHub", *self._outside(base))
        self._say("Making the two repositories")
        Workshop(self.layout, self.keys, base).make_all()
        self._say("Preparing the portal and the environments")
        variables = portal.environment(self.layout, self.keys, base)
        with ThreadPoolExecutor() as side:
            environments_made = side.submit(environments.make, self.layout)
            portal.prepare(self.layout, variables)
            environments_made.result()
        code_server, *dagsters = self._dagster(base)
        worker = node.program(self.layout, node.environment(self.layout, self.keys, base))
        web = portal.programs(self.layout, variables)
        self._start("the portal, the node worker and the code location", code_server, worker, *web)
        with ThreadPoolExecutor() as side:
            shown = side.submit(self._show_posture, variables)
            self._start("Dagster", *dagsters)
            shown.result()

    def base_environment(self) -> dict[str, str]:
        """What every process gets: nothing of the caller's environment but where programs are."""
        home = self.layout.home / "empty-home"
        home.mkdir(parents=True, exist_ok=True)
        paths = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        return {
            "PATH": paths,
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "PYTHONUNBUFFERED": "1",
            "GIT_CONFIG_NOSYSTEM": "1",
            "UV_CACHE_DIR": str(self.layout.environments / "cache"),
            "UV_OFFLINE": "1",
        }

    def write_endpoints(self) -> None:
        content = {
            "portal": self.layout.portal_url,
            "github": self.layout.github_url,
            "dagster": self.layout.dagster_url,
            "s3": {"node": self.layout.node_store_url, "portal": self.layout.portal_store_url},
            "accounts": {login: login for login in ACCOUNTS},
            "code_repo": CODE_REPO,
            "node_repo": NODE_REPO,
            "pids": self.supervisor.pids(),
        }
        draft = self.layout.endpoints.with_suffix(".new")
        draft.write_text(json.dumps(content, indent=2))
        draft.rename(self.layout.endpoints)

    def _database(self, base: Mapping[str, str]) -> None:
        words = self.keys.secrets
        cluster = postgres.prepare(self.layout.home, port=self.layout.ports.postgres, password=words.postgres)
        ready = lambda: postgres.accepts(cluster)  # noqa: E731
        folder = cluster.data if cluster.user is None else cluster.data.parent
        server = Program("postgres", cluster.command(), base, folder, ready, user=cluster.user)
        self._start("PostgreSQL", server)
        passwords = {name: getattr(words, f"{name}_database") for name in postgres.DATABASES}
        postgres.create_databases(cluster, passwords)
        _install_queue(cluster.url("broker", "broker", words.broker_database))

    def _outside(self, base: Mapping[str, str]) -> list[Program]:
        servers = stores.programs(self.layout, self.keys.secrets, dict(base))
        return [*servers, github.program(self.layout, self.keys, dict(base))]

    def _dagster(self, base: Mapping[str, str]) -> list[Program]:
        revision = dagster.deploy_code_location(self.layout, self.keys.secrets, base)
        return dagster.programs(self.layout, self.keys.secrets, base, revision)

    def _show_posture(self, variables: Mapping[str, str]) -> None:
        """Once the worker has read the project, so that its page can say what GitHub lets through."""
        for _ in range(POSTURE_TRIES):
            if self.layout.posture_shown.exists() or self.supervisor.stopping:
                return
            if portal.show_posture(variables, self.keys.secrets.maintainer_token):
                self.layout.posture_shown.touch()
            else:
                time.sleep(0.5)

    def _start(self, what: str, *programs: Program) -> None:
        self._say(f"Starting {what}")
        self.supervisor.start(*programs)

    def _say(self, text: str) -> None:
        print(f"{time.monotonic() - self.began:5.1f} s  {text}", flush=True)


def _install_queue(url: str) -> None:
    with psycopg.connect(url) as connection:
        if connection.execute("SELECT to_regnamespace('pgmq')").fetchone() == (None,):
            connection.execute("CREATE SCHEMA pgmq")
            connection.execute(get_embedded_install_sql())


def run(layout: Layout) -> int:
    layout.home.mkdir(parents=True, exist_ok=True)
    with (layout.home / "lock").open("w") as lock:
        if not _take(lock):
            print("The demo is running already. Stop it with Ctrl-C where it was started.")
            return 1
        return _run(layout)


def _take(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _run(layout: Layout) -> int:
    made = keys.prepare(layout.keys)
    processes.sweep(made.secrets.mark)  # what a killed supervisor left behind
    layout.endpoints.unlink(missing_ok=True)
    demo = Demo(layout, made, Supervisor(layout.logs, made.secrets.mark))
    _stop_on_signals(demo.supervisor)
    demo.supervisor.on_change = demo.write_endpoints
    try:
        demo.start()
        demo.write_endpoints()
        _welcome(demo)
        demo.supervisor.watch()
    except (NotReady, MakingFailed, subprocess.CalledProcessError) as problem:
        if not demo.supervisor.stopping:
            print(f"\nThe demo did not start: {problem}\nIts logs are in {os.path.relpath(layout.logs)}.")
            return 1
    finally:
        demo.supervisor.stop()
        layout.endpoints.unlink(missing_ok=True)
    print("Stopped. `make demo` goes on where it was; `make demo-reset` forgets it.")
    return 0


def _stop_on_signals(supervisor: Supervisor) -> None:
    def stop(_number: int, _frame: object) -> None:
        supervisor.stopping = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def _welcome(demo: Demo) -> None:
    layout = demo.layout
    print(f"""
Lockgate is ready after {time.monotonic() - demo.began:.0f} s.

  Portal   {layout.portal_url}   sign in with GitHub and choose an account:
           researcher, researcher-2      ask for jobs, download what was released
           controller, controller-2      review, approve, merge and release
           maintainer                    looks after the node and the project
           outsider                      belongs to nothing, sees nothing
  GitHub   {layout.github_url}   (a local stand-in)
  Dagster  {layout.dagster_url}

Ctrl-C stops everything; started again it goes on where it was.
""", flush=True)  # fmt: skip


def reset(layout: Layout) -> int:
    secrets = layout.keys / "secrets.json"
    if secrets.exists():
        processes.sweep(json.loads(secrets.read_text())["mark"])
    postgres.forget(layout.home)
    shutil.rmtree(layout.home, ignore_errors=True)
    print("The demo is forgotten.")
    return 0


if __name__ == "__main__":
    action = reset if sys.argv[1:] == ["reset"] else run
    sys.exit(action(Layout.from_environment()))
