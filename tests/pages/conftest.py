from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from tests.pages import world as arrange
from tests.pages.world import World

Visit = Callable[[str | None], Client]


@pytest.fixture
def world(db: None) -> World:
    return arrange.build()


@pytest.fixture
def as_(world: World) -> Visit:
    """A browser of the person with this login; of nobody for None."""

    def browser(login: str | None) -> Client:
        client = Client()
        if login is not None:
            user = world.people[login].user
            assert user is not None
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return browser
