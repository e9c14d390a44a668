"""Connections and transactions of the node's database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from lockgate.errors import Unavailable

Connection = psycopg.Connection[tuple[Any, ...]]


class DatabaseUnavailable(Unavailable):
    """The node's database did not answer. Work waits and is done when it does."""


class Database:
    """A small pool. No network call belongs inside `transaction`: claim, call, record."""

    def __init__(self, url: str, *, size: int = 4) -> None:
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            url,
            min_size=1,
            max_size=size,
            timeout=10,
            open=False,
            check=ConnectionPool.check_connection,
        )

    def open(self) -> None:
        self._pool.open()

    def close(self) -> None:
        self._pool.close()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction: committed at the end of the block, rolled back when it raises."""
        try:
            with self._pool.connection() as connection:
                yield connection
        except (psycopg.OperationalError, PoolTimeout) as problem:
            raise DatabaseUnavailable("The node's database does not answer.") from problem
