"""A person's token, refreshed shortly before it ends.

A refresh token works once. So that two processes never spend the same one, the refresh holds a
PostgreSQL advisory lock of the session (no transaction is open while GitHub is asked) and reads
the row again under it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
from django.conf import settings
from django.db import connection
from django.utils import timezone

from governance import tokens
from governance.github.errors import GitHubUnavailable, SignInAgain
from governance.models import Person, UserToken

REFRESH_LOCK = 7002
EARLY = timedelta(minutes=5)


def access_token(person: Person) -> str:
    """The person's access token, refreshed if it ends soon. Raises SignInAgain."""
    held = UserToken.objects.filter(person=person).first()
    if held is None:
        raise SignInAgain
    if not _ends_soon(held):
        return tokens.decrypt(held.access)
    with _refreshing(person):
        held.refresh_from_db()
        if _ends_soon(held):
            _refresh(held)
    return tokens.decrypt(held.access)


def _ends_soon(held: UserToken) -> bool:
    return held.expires_at is not None and held.expires_at - timezone.now() < EARLY


@contextmanager
def _refreshing(person: Person) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [REFRESH_LOCK, person.pk])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [REFRESH_LOCK, person.pk])


def _refresh(held: UserToken) -> None:
    if held.refresh is None:
        raise SignInAgain
    configured = settings.LOCKGATE
    said = _ask(
        f"{configured.github_url}/login/oauth/access_token",
        {
            "client_id": configured.app_client_id,
            "client_secret": configured.app_client_secret,
            "grant_type": "refresh_token",
            "refresh_token": tokens.decrypt(held.refresh),
        },
    )
    if "access_token" not in said:
        raise SignInAgain
    held.access = tokens.encrypt(said["access_token"])
    held.refresh = tokens.encrypt(said["refresh_token"]) if said.get("refresh_token") else None
    lives = said.get("expires_in")
    held.expires_at = timezone.now() + timedelta(seconds=int(lives)) if lives else None
    held.save()


def _ask(url: str, form: dict[str, str]) -> Any:
    try:
        response = httpx.post(url, data=form, headers={"Accept": "application/json"}, timeout=15)
        response.raise_for_status()
        return response.json()
    except (httpx.HTTPError, ValueError) as error:
        raise GitHubUnavailable from error
