"""A person's token, refreshed shortly before it ends, or when GitHub refuses it.

A refresh token works once. Who refreshes claims the row first (a conditional UPDATE with a lease, so
that no transaction is open while GitHub is asked) and reads it again under the claim; the others wait
for what that brings. Who dies between GitHub's answer and the row leaves a spent token behind: once
the lease is over GitHub refuses it, and the person signs in again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from governance import tokens
from governance.github.errors import GitHubUnavailable, SignInAgain
from governance.models import Person, UserToken

EARLY = timedelta(minutes=5)
LEASE = timedelta(seconds=45)
TIMEOUT_SECONDS = 10.0
LONGEST_WAIT = 15.0  # seconds that others wait for who refreshes
POLL = 0.1
Worn = Callable[[UserToken], bool]


def access_token(person: Person) -> str:
    """The person's access token, refreshed if it ends soon. Raises SignInAgain."""
    return tokens.decrypt(_fresh(person, _ends_soon).access)


def another_token(person: Person, refused: str) -> str:
    """A token instead of one that GitHub just refused: stored meanwhile, or refreshed. Raises SignInAgain."""
    return tokens.decrypt(_fresh(person, lambda held: tokens.decrypt(held.access) == refused).access)


def _fresh(person: Person, worn: Worn) -> UserToken:
    """The row once it is not worn; refreshed here, or by who has claimed it."""
    ends = time.monotonic() + LONGEST_WAIT
    while worn(held := _held(person)):
        if held.refresh is None:
            raise SignInAgain
        until = _claim(held)
        if until is not None:
            _refresh_claimed(held, until, worn)
        elif time.monotonic() > ends:
            raise GitHubUnavailable("Your sign-in at GitHub is being renewed.")
        else:
            time.sleep(POLL)
    return held


def _held(person: Person) -> UserToken:
    held = UserToken.objects.filter(person=person).first()
    if held is None:
        raise SignInAgain
    return held


def _ends_soon(held: UserToken) -> bool:
    return held.expires_at is not None and held.expires_at - timezone.now() < EARLY


def _claim(held: UserToken) -> datetime | None:
    """The end of the lease; None where somebody else has it."""
    now = timezone.now()
    free = Q(refreshing_until__isnull=True) | Q(refreshing_until__lt=now)
    claimed = UserToken.objects.filter(free, pk=held.pk).update(refreshing_until=now + LEASE)
    return now + LEASE if claimed else None


def _refresh_claimed(held: UserToken, until: datetime, worn: Worn) -> None:
    """Refresh it, unless somebody did before the claim; the claim ends however this ends."""
    new: dict[str, Any] = {}
    try:
        held.refresh_from_db()
        if worn(held):
            new = _refreshed(held)
    finally:
        rows = UserToken.objects.filter(pk=held.pk, refreshing_until=until)
        rows.update(refreshing_until=None, **new)


def _refreshed(held: UserToken) -> dict[str, Any]:
    """The columns of the new pair; none but an emptied `refresh` where GitHub refuses the old one."""
    assert held.refresh is not None
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
    if said.get("error") == "incorrect_client_credentials":
        raise GitHubUnavailable("GitHub does not accept Lockgate's App.")
    if "access_token" not in said:
        return {"refresh": None}
    lives = said.get("expires_in")
    return {
        "access": tokens.encrypt(said["access_token"]),
        "refresh": tokens.encrypt(said["refresh_token"]) if said.get("refresh_token") else None,
        "expires_at": timezone.now() + timedelta(seconds=int(lives)) if lives else None,
        "updated_at": timezone.now(),
    }


def _ask(url: str, form: dict[str, str]) -> Any:
    try:
        response = httpx.post(url, data=form, headers={"Accept": "application/json"}, timeout=TIMEOUT_SECONDS)
        response.raise_for_status()
        return response.json()
    except (httpx.HTTPError, ValueError) as error:
        raise GitHubUnavailable from error
