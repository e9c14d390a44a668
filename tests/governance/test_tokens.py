"""People's tokens: refreshed once, whoever is at it, and moved to a new key without a loss."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as configured
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from governance import github, rotating, tokens
from governance.github.errors import GitHubUnavailable, SignInAgain
from governance.models import Person, UserToken
from governance.signin import store_token
from tests.governance.test_side_by_side import side_by_side
from tests.governance.test_signin import sign_in
from tests.governance.world import CODE_REPO, World

RENEW = "POST /login/oauth/access_token"


def about_to_end(world: World) -> UserToken:
    """The researcher's token, which ends in a minute."""
    sign_in(Client(), "researcher")
    UserToken.objects.update(expires_at=timezone.now() + timedelta(minutes=1))
    return UserToken.objects.get()


@pytest.mark.django_db(transaction=True)
def test_of_four_who_need_it_one_refreshes_and_all_act(world: World) -> None:
    held = about_to_end(world)
    acted: list[str | None] = []
    before = world.line.seen(RENEW)
    side_by_side(4, lambda: acted.append(github.actor(held.person).branch_head(CODE_REPO, "main")))
    assert len(acted) == 4
    assert None not in acted
    assert world.line.seen(RENEW) == before + 1
    held.refresh_from_db()
    assert held.refreshing_until is None


@pytest.mark.django_db
def test_who_acts_while_another_refreshes_goes_on_with_the_new_token(world: World) -> None:
    held = about_to_end(world)
    UserToken.objects.update(expires_at=timezone.now() + timedelta(hours=1))
    acting = github.actor(held.person)
    UserToken.objects.update(expires_at=timezone.now())
    github.actor(held.person)  # refreshes, and GitHub forgets the token before
    assert acting.branch_head(CODE_REPO, "main") is not None


@pytest.mark.django_db
def test_a_crash_between_githubs_answer_and_the_row_ends_in_a_new_sign_in(world: World) -> None:
    held = about_to_end(world)
    world.line.lose_answer(RENEW)
    with pytest.raises(GitHubUnavailable):
        github.actor(held.person)
    UserToken.objects.update(refreshing_until=timezone.now() - timedelta(seconds=1))  # its lease is over
    with pytest.raises(SignInAgain):
        github.actor(held.person)
    asked = world.line.seen(RENEW)
    with pytest.raises(SignInAgain):
        github.actor(held.person)
    assert world.line.seen(RENEW) == asked, "a token that GitHub refused is not tried again"
    sign_in(Client(), "researcher")
    assert github.actor(held.person).branch_head(CODE_REPO, "main") is not None


@pytest.mark.django_db
def test_a_refresh_that_never_arrived_is_tried_again(world: World) -> None:
    held = about_to_end(world)
    world.line.lose_request(RENEW)
    with pytest.raises(GitHubUnavailable):
        github.actor(held.person)
    assert github.actor(held.person).branch_head(CODE_REPO, "main") is not None


def with_keys(changed: Settings, *keys: str) -> None:
    changed.LOCKGATE = replace(configured.LOCKGATE, token_keys=keys)


def people_with_tokens(count: int) -> None:
    for number in range(count):
        person = Person.objects.create(account_id=5000 + number, login=f"person-{number}")
        refresh = f"ghr_{number}" if number % 2 else ""
        store_token(person, access=f"ghu_{number}", refresh=refresh, expires_at=None)


def secrets_held() -> list[tuple[str, str]]:
    rows = UserToken.objects.order_by("pk")
    return [(tokens.decrypt(row.access), tokens.decrypt(row.refresh) if row.refresh else "") for row in rows]


@pytest.mark.django_db
def test_rotation_moves_every_token_to_the_newest_key(settings: Settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    with_keys(settings, old)
    people_with_tokens(5)
    before = secrets_held()
    with_keys(settings, new, old)
    said = StringIO()
    call_command("rotate_token_keys", batch=2, stdout=said)
    assert said.getvalue().startswith("5 moved to the newest key, 0 under it already")
    with_keys(settings, new)
    assert secrets_held() == before
    assert rotating.rotate() == rotating.Rotated(newest=5)


@pytest.mark.django_db
def test_rotation_leaves_a_token_alone_that_is_being_refreshed(settings: Settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    with_keys(settings, old)
    people_with_tokens(1)
    UserToken.objects.update(refreshing_until=timezone.now() + timedelta(seconds=30))
    sealed = bytes(UserToken.objects.get().access)
    with_keys(settings, new, old)
    with pytest.raises(CommandError, match="Run it again"):
        call_command("rotate_token_keys", stdout=StringIO())
    assert bytes(UserToken.objects.get().access) == sealed


@pytest.mark.django_db
def test_rotation_says_which_tokens_no_key_opens(settings: Settings) -> None:
    people_with_tokens(2)
    with_keys(settings, Fernet.generate_key().decode())
    said = StringIO()
    with pytest.raises(CommandError, match="sign in again"):
        call_command("rotate_token_keys", stdout=said)
    assert "2 that no key opens" in said.getvalue()
