"""A small typed mapper over SQLite: a table for each row class, one connection, one lock."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import Field, asdict, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from standins.github.store import identity_rows, repository_rows, rows
from standins.github.store.rows import Row

R = TypeVar("R", bound=Row)
TABLES: tuple[type[Row], ...] = tuple(
    kind
    for module in (rows, identity_rows, repository_rows)
    for kind in vars(module).values()
    if isinstance(kind, type)
    and issubclass(kind, Row)
    and kind.__module__ == module.__name__
    and kind is not Row
)


class Store:
    """Every method is safe to call from any thread; `transaction()` makes several calls one."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._lock = threading.RLock()
        self._depth = 0
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        for kind in TABLES:
            for statement in _schema(kind):
                self._connection.execute(statement)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._lock:
            if self._depth == 0:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._connection.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._connection.execute("COMMIT")

    def find(
        self,
        kind: type[R],
        /,
        *,
        newest_first: bool = False,
        limit: int = -1,
        ids: tuple[int, int] | None = None,
        **equal: Any,
    ) -> list[R]:
        """All rows whose columns equal what is given (`None` is NULL, a tuple means one of), by id.

        `ids` is the lowest and the highest of interest.
        """
        where, values = _where(equal)
        if ids is not None:
            where, values = f"{where or 'WHERE TRUE'} AND id BETWEEN ? AND ?", [*values, *ids]
        order = "DESC" if newest_first else "ASC"
        sql = f"SELECT * FROM {kind.__name__} {where} ORDER BY id {order} LIMIT ?"  # noqa: S608
        with self._lock:
            found = self._connection.execute(sql, [*values, limit]).fetchall()
        return [_read(kind, row) for row in found]

    def first(self, kind: type[R], /, **equal: Any) -> R | None:
        found = self.find(kind, limit=1, **equal)
        return found[0] if found else None

    def get(self, kind: type[R], id: int) -> R:  # noqa: A002
        found = self.first(kind, id=id)
        if found is None:
            raise KeyError(f"{kind.__name__} {id}")
        return found

    def insert(self, row: R) -> R:
        """Adds the row; returns it with its number."""
        columns = [field for field in fields(row) if field.name != "id" or row.id]
        names = ", ".join(f'"{field.name}"' for field in columns)
        marks = ", ".join("?" for _ in columns)
        values = [_to_sql(getattr(row, field.name)) for field in columns]
        sql = f"INSERT INTO {type(row).__name__} ({names}) VALUES ({marks})"  # noqa: S608
        with self._lock:
            cursor = self._connection.execute(sql, values)
        return replace(row, id=row.id or int(cursor.lastrowid or 0))

    def update(self, row: R, **changes: Any) -> R:
        """Writes the changed columns; returns the row as it is then."""
        names = ", ".join(f'"{name}" = ?' for name in changes)
        values = [_to_sql(value) for value in changes.values()]
        sql = f"UPDATE {type(row).__name__} SET {names} WHERE id = ?"  # noqa: S608
        with self._lock:
            self._connection.execute(sql, [*values, row.id])
        return replace(row, **changes)

    def put(self, row: R) -> R:
        """Inserts the row, or makes the one with the same unique columns equal to it."""
        with self.transaction():
            existing = self.first(type(row), **{name: getattr(row, name) for name in row.UNIQUE})
            if existing is None:
                return self.insert(row)
            changes = {field.name: getattr(row, field.name) for field in fields(row) if field.name != "id"}
            return self.update(existing, **changes)

    def delete(self, kind: type[Row], /, **equal: Any) -> int:
        where, values = _where(equal)
        if not where:
            raise ValueError("refuses to empty a table")
        with self._lock:
            return self._connection.execute(f"DELETE FROM {kind.__name__} {where}", values).rowcount  # noqa: S608


def _schema(kind: type[Row]) -> list[str]:
    columns = ", ".join(_column(field) for field in fields(kind))
    statements = [f"CREATE TABLE IF NOT EXISTS {kind.__name__} ({columns})"]
    if kind.UNIQUE:
        names = ", ".join(kind.UNIQUE)
        statements.append(
            f"CREATE UNIQUE INDEX IF NOT EXISTS {kind.__name__}_unique ON {kind.__name__} ({names})"
        )
    for name in kind.SOUGHT:
        statements.append(f"CREATE INDEX IF NOT EXISTS {kind.__name__}_{name} ON {kind.__name__} ({name})")
    return statements


def _column(field: Field[Any]) -> str:
    if field.name == "id":
        return "id INTEGER PRIMARY KEY AUTOINCREMENT"
    number = str(field.type).split(" ")[0] in ("int", "bool")
    collate = " COLLATE NOCASE" if field.name in ("login", "slug", "name") else ""
    return f'"{field.name}" {"INTEGER" if number else "TEXT"}{collate}'


def _where(equal: dict[str, Any]) -> tuple[str, list[Any]]:
    clauses, values = [], []
    for name, value in equal.items():
        if value is None:
            clauses.append(f'"{name}" IS NULL')
        elif isinstance(value, tuple):
            clauses.append(f'"{name}" IN ({", ".join("?" for _ in value)})')
            values += [_to_sql(one) for one in value]
        else:
            clauses.append(f'"{name}" = ?')
            values.append(_to_sql(value))
    return (f"WHERE {' AND '.join(clauses)}" if clauses else ""), values


def _to_sql(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value


def _read(kind: type[R], row: sqlite3.Row) -> R:
    return kind(**{field.name: _from_sql(field, row[field.name]) for field in fields(kind)})


def _from_sql(field: Field[Any], value: Any) -> Any:
    if value is None:
        return None
    if str(field.type).startswith(("dict", "list")):
        return json.loads(value)
    return bool(value) if field.type == "bool" else value


def as_dict(row: Row) -> dict[str, Any]:
    return asdict(row)
