"""GitHub: `reader()` and `writer()` use the App's token, `actor(person)` acts with a person's own.

`posture_reader()` reads how repositories are protected.
"""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from governance.github.actor import PersonActor
from governance.github.connection import Connection
from governance.github.installation import Installations
from governance.github.port import Actor, Reader, Writer
from governance.github.posture import PostureReader
from governance.github.reader import AppReader
from governance.github.user_tokens import access_token, another_token
from governance.github.writer import AppWriter
from governance.models import Person

__all__ = [
    "Actor",
    "Reader",
    "Writer",
    "actor",
    "connection",
    "installations",
    "posture_reader",
    "reader",
    "writer",
]


@lru_cache(maxsize=1)
def connection() -> Connection:
    return Connection(settings.LOCKGATE.github_url)


@lru_cache(maxsize=1)
def reader() -> Reader:
    return AppReader(connection(), installations())


@lru_cache(maxsize=1)
def writer() -> Writer:
    return AppWriter(connection(), installations())


def posture_reader(*, administrator_token: str = "") -> PostureReader:
    """Reads how repositories are protected; with an administrator's token also who may bypass rulesets."""
    return PostureReader(connection(), installations(), administrator_token=administrator_token)


def installations() -> Installations:
    """What the App does by its own key; its tokens are kept as long as this is."""
    configured = settings.LOCKGATE
    return Installations(
        connection(), app_id=configured.app_id, private_key=configured.app_private_key_file.read_text()
    )


def actor(person: Person) -> Actor:
    """Acts as this person. Raises SignInAgain without a token that GitHub takes."""
    return PersonActor(connection(), access_token(person), lambda refused: another_token(person, refused))
