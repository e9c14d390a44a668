from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client

from tests.pages import world as pages
from tests.pages.world import World
from tests.publications import scene as scenes
from tests.publications.scene import Scene
from tests.services.s3 import S3, s3

Visit = Callable[[str | None], Client]


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    root: Path = tmp_path_factory.mktemp("publication-store") / "store"
    root.mkdir()
    with s3(root, buckets=["publication"]) as server:
        yield server


@pytest.fixture
def store_keys(store: S3, monkeypatch: pytest.MonkeyPatch) -> S3:
    """The portal's environment holds the store's key, as in production."""
    for name, value in store.environment("NORTH_PUBLICATION").items():
        monkeypatch.setenv(name, value)
    return store


@pytest.fixture
def people(db: None) -> World:
    """The node, the project and its people; nothing is requested yet."""
    return pages.build()


@pytest.fixture
def scene(people: World) -> Scene:
    """A table and a picture wait for the controllers of north."""
    return scenes.propose(people)


@pytest.fixture
def as_(people: World) -> Visit:
    """A browser of the person with this login; of nobody for None."""

    def browser(login: str | None) -> Client:
        client = Client()
        if login is not None:
            user = people.people[login].user
            assert user is not None
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return browser
