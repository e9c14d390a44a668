"""Every page shows what the portal knows: none asks GitHub while somebody waits for it."""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from django.urls import reverse

from tests import portal_environment as environment
from tests.pages.conftest import Visit
from tests.pages.test_addresses import ROLES, TABLE, furnished
from tests.pages.world import World

__all__ = ["furnished"]  # fixture: something at every address
pytestmark = pytest.mark.django_db
GITHUB = ("127.0.0.1", environment.GITHUB_PORT)
_tried: list[str] = []


def _hear(event: str, arguments: Sequence[Any]) -> None:
    if event == "socket.connect" and arguments[1] == GITHUB:
        _tried.append(event)


sys.addaudithook(_hear)


@pytest.fixture(autouse=True)
def github_is_down() -> None:
    """Nothing listens where GitHub is to be."""
    with pytest.raises(ConnectionRefusedError), socket.create_connection(GITHUB):
        pass
    _tried.clear()


def test_every_page_is_there_and_github_is_not_asked(furnished: World, as_: Visit) -> None:
    visits = {role: as_(role) for role in ROLES}
    for name, address in TABLE.items():
        for role in sorted(address.let_in)[:1]:
            answer = visits[role].get(reverse(name, kwargs=address.args))
            assert answer.status_code == address.refused or answer.status_code < 400, (name, role)
        assert _tried == [], name


def test_the_guard_hears_who_asks() -> None:
    with pytest.raises(httpx.ConnectError):
        httpx.get(environment.GITHUB_URL, trust_env=False)
    assert _tried
