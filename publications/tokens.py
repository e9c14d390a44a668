"""Personal tokens: a person's password for the DVC address. Only a hash is kept; the text is shown once."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from governance.audit import record
from governance.models import Person
from publications.models import PersonalToken

PREFIX = "lgp_"
LIFETIME = timedelta(days=90)
SHOWN = 10  # characters that stay visible, to tell tokens apart
NOTED_EVERY = timedelta(minutes=1)  # `last_used_at` is written no more often


@transaction.atomic
def create(*, by: Person, name: str) -> tuple[PersonalToken, str]:
    """A new token of this person's, and its text, which nobody can read again."""
    text = PREFIX + secrets.token_urlsafe(32)
    token = PersonalToken.objects.create(
        person=by,
        name=name,
        start=text[:SHOWN],
        digest=_digest(text),
        expires_at=timezone.now() + LIFETIME,
    )
    record(by=by, action="token.created", project=None, subject=f"{name} ({token.start}…)")
    return token, text


@transaction.atomic
def revoke(*, by: Person, token: int) -> None:
    """End one of this person's tokens at once. Another's is not found."""
    found = live(by).select_for_update().filter(pk=token).first()
    if found is None:
        raise Http404
    found.revoked_at = timezone.now()
    found.save(update_fields=["revoked_at"])
    record(by=by, action="token.revoked", project=None, subject=f"{found.name} ({found.start}…)")


def live(person: Person) -> QuerySet[PersonalToken]:
    return person.personal_tokens.filter(revoked_at=None, expires_at__gt=timezone.now())


def owner_of(text: str) -> Person | None:
    """Whose live token this is; None for an unknown, ended or expired one."""
    now = timezone.now()
    token = (
        PersonalToken.objects.select_related("person__user")
        .filter(digest=_digest(text), revoked_at=None, expires_at__gt=now)
        .first()
    )
    if token is None:
        return None
    if token.last_used_at is None or now - token.last_used_at > NOTED_EVERY:
        PersonalToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token.person


def _digest(text: str) -> str:
    # The text has 256 random bits: a plain hash cannot be searched, and a look-up stays one index read.
    return hashlib.sha256(text.encode()).hexdigest()
