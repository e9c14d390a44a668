"""The node's Dagster: the code location from the Code Repo's main, its webserver and its daemon."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from deploy.demo import probes
from deploy.demo.keys import Secrets
from deploy.demo.layout import BIN, CODE_REPO, HOST, PROJECT, Layout
from deploy.demo.processes import Program
from deploy.demo.repositories import clone_url, git_access

INSTANCE = """\
telemetry:
  enabled: false
storage:
  postgres:
    postgres_url:
      env: DAGSTER_POSTGRES_URL
run_coordinator:
  module: dagster.core.run_coordinator
  class: QueuedRunCoordinator
  config:
    dequeue_interval_seconds: 1
run_monitoring:
  enabled: true
  poll_interval_seconds: 5
  start_timeout_seconds: 60
run_retries:
  enabled: true
  max_retries: 3
  retry_on_asset_or_op_failure: false
sensors:
  use_threads: true
  num_workers: 2
"""


def deploy_code_location(layout: Layout, secrets: Secrets, environment: Mapping[str, str]) -> str:
    """Bring the code location to the tip of the Code Repo's main; the revision that it now runs."""
    checkout = layout.code_location / "checkout"
    access = {**environment, **git_access(layout, secrets.maintainer_token)}
    if not checkout.exists():
        _run("git", "clone", "--quiet", clone_url(layout, CODE_REPO), str(checkout), environment=access)
    _run("git", "fetch", "--quiet", "origin", "main", folder=checkout, environment=access)
    _run("git", "reset", "--quiet", "--hard", "FETCH_HEAD", folder=checkout, environment=access)
    _install(layout, checkout, environment)
    return _run("git", "rev-parse", "HEAD", folder=checkout, environment=environment).strip()


def _install(layout: Layout, checkout: Path, environment: Mapping[str, str]) -> None:
    """The environment that the Code Repo's own requirements name, without any index."""
    uv, python = str(BIN / "uv"), layout.code_location / "environment" / "bin" / "python"
    if not python.exists():
        venv = (uv, "venv", "--quiet", "--python", str(BIN / "python"), str(python.parents[1]))
        _run(*venv, environment=environment)
    _run(
        *(uv, "pip", "sync", "--quiet", "--no-index", "--require-hashes"),
        *("--find-links", str(layout.wheelhouse), "--python", str(python)),
        str(checkout / "requirements.txt"),
        environment=environment,
    )


def programs(
    layout: Layout, secrets: Secrets, environment: Mapping[str, str], revision: str
) -> list[Program]:
    """Code server, then webserver and daemon, which need it."""
    _write_instance(layout)
    database = (
        f"postgresql+psycopg2://dagster:{secrets.dagster_database}@{HOST}:{layout.ports.postgres}/dagster"
    )
    instance = {**environment, "DAGSTER_HOME": str(layout.dagster_home), "DAGSTER_POSTGRES_URL": database}
    location = {
        **instance,
        "LOCKGATE_SENSOR_DIR": str(layout.sensor / PROJECT),
        "LOCKGATE_SCRATCH_DIR": str(layout.scratch),
        "LOCKGATE_CODE_REVISION": revision,
    }
    return [_code_server(layout, location), _webserver(layout, instance), _daemon(layout, instance)]


def _write_instance(layout: Layout) -> None:
    for folder in (layout.dagster_home, layout.scratch, layout.sensor / PROJECT):
        folder.mkdir(parents=True, exist_ok=True)
    (layout.dagster_home / "dagster.yaml").write_text(INSTANCE)
    (layout.dagster_home / "workspace.yaml").write_text(
        "load_from:\n"
        f"  - grpc_server: {{host: {HOST}, port: {layout.ports.code_server}, location_name: {PROJECT}}}\n"
    )


def _code_server(layout: Layout, environment: Mapping[str, str]) -> Program:
    dagster = str(layout.code_location / "environment" / "bin" / "dagster")
    address = ("-h", HOST, "-p", str(layout.ports.code_server))
    module = ("-m", f"{PROJECT}.definitions", "--location-name", PROJECT)
    command = [dagster, "code-server", "start", *address, *module]
    ready = probes.listens(layout.ports.code_server)
    return Program("code-server", command, environment, layout.code_location / "checkout", ready)


def _webserver(layout: Layout, environment: Mapping[str, str]) -> Program:
    workspace = str(layout.dagster_home / "workspace.yaml")
    command = [str(BIN / "dagster-webserver"), "-h", HOST, "-p", str(layout.ports.dagster), "-w", workspace]
    ready = probes.answers(f"{layout.dagster_url}/server_info")
    return Program("dagster-webserver", command, environment, layout.dagster_home, ready)


def _daemon(layout: Layout, environment: Mapping[str, str]) -> Program:
    workspace = str(layout.dagster_home / "workspace.yaml")
    command = [str(BIN / "dagster-daemon"), "run", "-w", workspace]
    ready = probes.says(layout.logs / "dagster-daemon.log", "following daemons")
    return Program("dagster-daemon", command, environment, layout.dagster_home, ready)


def _run(*command: str, environment: Mapping[str, str], folder: Path | None = None) -> str:
    done = subprocess.run(command, cwd=folder, env=dict(environment), capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout
