"""Apply the numbered SQL files once each, in order, under an advisory lock."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files

from lockgate.errors import Invalid
from lockgate.node.database.pool import Connection, Database

LOCK = 0x10C6A7E
LEDGER = """
CREATE TABLE IF NOT EXISTS migration (
    number integer PRIMARY KEY,
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


class MigrationError(Invalid):
    """The database holds a schema that these files did not make. Waiting does not help."""


@dataclass(frozen=True)
class Migration:
    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations() -> tuple[Migration, ...]:
    """The files `sql/NNNN_name.sql` of this package, in order of their numbers."""
    found = [
        Migration(int(entry.name[:4]), entry.name, entry.read_text())
        for entry in files("lockgate.node.database").joinpath("sql").iterdir()
        if entry.name.endswith(".sql")
    ]
    return tuple(sorted(found, key=lambda each: each.number))


def migrate(database: Database) -> tuple[str, ...]:
    """Apply what is missing and return the names of the files applied.

    Two workers that start at once apply each file once. Raises MigrationError where an applied file was
    changed since, or the database is newer than this program.
    """
    with database.transaction() as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        connection.execute(LEDGER)
        applied = dict(connection.execute("SELECT number, sha256 FROM migration").fetchall())
        known = migrations()
        _check(applied, known)
        return tuple(_apply(connection, each) for each in known if each.number not in applied)


def _check(applied: dict[int, str], known: tuple[Migration, ...]) -> None:
    by_number = {each.number: each for each in known}
    for number, sha256 in applied.items():
        if number not in by_number or by_number[number].sha256 != sha256:
            raise MigrationError(
                f"Migration {number:04d} of the node's database is not the one of this version.",
                next_step="Start the version of lockgate that last ran on it, or a newer one.",
            )


def _apply(connection: Connection, migration: Migration) -> str:
    connection.execute(migration.sql.encode())
    connection.execute(
        "INSERT INTO migration (number, name, sha256) VALUES (%s, %s, %s)",
        [migration.number, migration.name, migration.sha256],
    )
    return migration.name
