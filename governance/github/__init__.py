"""GitHub: `reader()` reads with the App's token, `actor(person)` acts with a person's own."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from governance.github.actor import PersonActor
from governance.github.connection import Connection
from governance.github.installation import Installations
from governance.github.port import Actor, Reader
from governance.github.reader import AppReader
from governance.github.user_tokens import access_token
from governance.models import Person

__all__ = ["Actor", "Reader", "actor", "connection", "reader"]


@lru_cache(maxsize=1)
def connection() -> Connection:
    return Connection(settings.LOCKGATE.github_url)


@lru_cache(maxsize=1)
def reader() -> Reader:
    configured = settings.LOCKGATE
    installations = Installations(
        connection(), app_id=configured.app_id, private_key=configured.app_private_key_file.read_text()
    )
    return AppReader(connection(), installations)


def actor(person: Person) -> Actor:
    """Acts as this person. Raises SignInAgain without a token that GitHub takes."""
    return PersonActor(connection(), access_token(person))
