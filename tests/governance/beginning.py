"""Where most tests begin: both repositories are on GitHub, and the portal has read them and every team.

It comes about once for all tests, as the worker's first round makes it. Each test then begins from a copy of
GitHub's folder, of the mirrors and of the rows, whose times are put off as if that round had just ended.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from tests import portal_environment as environment
from tests.governance.world import World, served

MIRRORS = environment.FOLDER / "data" / "mirrors"
COLUMNS = """SELECT column_name, data_type FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position"""


KEPT_TOO = ("django_content_type", "auth_permission")
MADE_ANEW = {
    "content_type_id": """(SELECT made.id FROM django_content_type AS made
        JOIN kept.django_content_type AS old USING (app_label, model) WHERE old.id = kept.content_type_id)""",
    "permission_id": """(SELECT made.id FROM auth_permission AS made
        JOIN kept.auth_permission AS old USING (codename) WHERE old.id = kept.permission_id)""",
}


@dataclass(frozen=True)
class Beginning:
    """`rows`: the statements that write them again, each with the time that went by as its parameter."""

    github: Path
    mirrors: Path
    rows: tuple[str, ...]
    ended_at: datetime

    @classmethod
    def of(cls, furnished: Path, folder: Path) -> Beginning:
        """The first round after `furnished`, done in the database itself and kept beside its tables."""
        shutil.copytree(furnished, folder / "github", symlinks=True)
        before = _filled()
        with served(folder) as world:
            world.catch_up()
        shutil.copytree(MIRRORS, folder / "mirrors")
        tables = sorted(_filled() - before)
        rows = tuple(_kept(table) for table in (*KEPT_TOO, *tables))[len(KEPT_TOO) :]
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
        return cls(folder / "github", folder / "mirrors", rows, timezone.now())

    @contextmanager
    def again(self, folder: Path) -> Iterator[World]:
        shutil.copytree(self.github, folder / "github", symlinks=True)
        with served(folder) as world:
            shutil.copytree(self.mirrors, MIRRORS)
            with transaction.atomic(), connection.cursor() as cursor:
                for statement in self.rows:
                    cursor.execute(statement, {"since": timezone.now() - self.ended_at})
            yield world


def _filled() -> set[str]:
    """Tables that have rows."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        cursor.execute(" UNION ALL ".join(f"(SELECT '{each}' FROM \"{each}\" LIMIT 1)" for each in tables))
        return {name for (name,) in cursor.fetchall()}


def _kept(table: str) -> str:
    """Copy a table's rows into a schema of their own; the statement that copies them back."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS kept")
        cursor.execute(f'CREATE TABLE kept."{table}" AS TABLE "{table}"')
        cursor.execute(COLUMNS, [table])
        columns = cursor.fetchall()
    names = ", ".join(f'"{name}"' for name, _ in columns)
    values = ", ".join(_value(name, kind) for name, kind in columns)
    return f'INSERT INTO "{table}" ({names}) SELECT {values} FROM kept."{table}" AS kept'


def _value(column: str, kind: str) -> str:
    """Times are put off; what Django makes anew after each test that commits is found by its name."""
    if kind.startswith("timestamp"):
        return f'kept."{column}" + %(since)s'
    return MADE_ANEW.get(column, f'kept."{column}"')
