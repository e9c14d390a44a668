"""No network call inside a transaction: the guard that every test runs under.

A plugin of `tests/conftest.py`. What is watched: every new connection of Python's sockets, every request
of httpx and of http.client (boto3's), whose connections stay open, and git where it talks to another machine.
The transaction that a test itself is wrapped in does not count. A call that is caught raises past every
`except Exception`, and fails the test even where something swallowed it.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from django.db import connections

GIT_TALKS = frozenset({"fetch", "push", "clone", "ls-remote", "pull"})
_caught: list[str] = []


class NetworkInTransaction(BaseException):
    """Something talked to another machine while a transaction was open."""


def open_transactions() -> int:
    """How many transactions and savepoints this thread is in, beyond the test's own."""
    return sum(
        not getattr(block, "_from_testcase", False)
        for connection in connections.all(initialized_only=True)
        for block in connection.atomic_blocks
    )


def forbid_in_transaction(what: str) -> None:
    """Raise NetworkInTransaction where a transaction is open, and remember it."""
    if open_transactions():
        _caught.append(f"{what}\n{''.join(traceback.format_stack(limit=12))}")
        raise NetworkInTransaction(f"{what} inside a transaction.")


@contextmanager
def expected() -> Iterator[None]:
    """What is caught inside fails no test."""
    before = len(_caught)
    yield
    del _caught[before:]


def _hear(event: str, arguments: Sequence[Any]) -> None:
    if event == "socket.connect":
        forbid_in_transaction(f"A connection to {arguments[1]}")
    elif event == "http.client.send":
        forbid_in_transaction(f"A request to {arguments[0].host}")
    elif event == "subprocess.Popen" and GIT_TALKS.intersection(map(str, arguments[1])):
        forbid_in_transaction(f"git {' '.join(map(str, arguments[1]))}"[:200])


class _Watched:
    """httpx's own way out, with a look before it."""

    way_out = httpx.HTTPTransport.handle_request

    @staticmethod
    def handle_request(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        forbid_in_transaction(f"{request.method} {request.url}")
        return _Watched.way_out(transport, request)


sys.addaudithook(_hear)
httpx.HTTPTransport.handle_request = _Watched.handle_request  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _no_network_in_transactions() -> Iterator[None]:
    _caught.clear()
    yield
    assert not _caught, "\n\n".join(_caught)
