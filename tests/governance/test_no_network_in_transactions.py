"""The guard itself: a network call inside a transaction fails the test, whoever swallows it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection

import httpx
import pytest
from django.db import transaction

from governance import github
from governance.mirrors import mirror
from tests.governance.world import CODE_REPO, World
from tests.services.ports import free_port
from tests.transactions import NetworkInTransaction, expected


def connect() -> None:
    with socket.socket() as talking:
        talking.connect(("127.0.0.1", free_port()))


def ask_over_http() -> None:
    with httpx.Client() as client:
        client.get(f"http://127.0.0.1:{free_port()}/")


def swallow() -> None:
    try:
        ask_over_http()
    except Exception:  # noqa: BLE001
        return


CALLS = {"a socket": connect, "http": ask_over_http, "one that swallows its errors": swallow}


@pytest.mark.django_db
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_a_call_inside_a_transaction_fails(call: Callable[[], None]) -> None:
    with expected(), pytest.raises(NetworkInTransaction), transaction.atomic():
        call()


@pytest.mark.django_db(transaction=True)
def test_in_a_test_that_commits_too() -> None:
    with expected(), pytest.raises(NetworkInTransaction), transaction.atomic():
        connect()


@pytest.mark.django_db
def test_the_transaction_of_the_test_itself_does_not_count() -> None:
    with pytest.raises(httpx.ConnectError):
        ask_over_http()


@pytest.mark.django_db
def test_a_connection_that_is_open_already_and_a_fetch_by_git_are_caught(github_here: World) -> None:
    reader = github.reader()
    assert reader.repository(CODE_REPO).default_branch == "main"
    with expected(), pytest.raises(NetworkInTransaction), transaction.atomic():
        reader.repository(CODE_REPO)
    open_already = HTTPConnection(github_here.url.partition("://")[2])
    open_already.connect()
    with closing(open_already), expected(), pytest.raises(NetworkInTransaction), transaction.atomic():
        open_already.request("GET", "/")
    token = reader.git_token(CODE_REPO)
    with expected(), pytest.raises(NetworkInTransaction), transaction.atomic():
        mirror(CODE_REPO).fetch(token)
