"""Sign-in through GitHub alone: no passwords, no local accounts, people keyed by their account id."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.signals import user_logged_in
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin, SocialToken
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.contrib.auth.models import User
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from governance import audit, tokens
from governance.models import Person, UserToken
from lockgate.errors import Denied


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up without GitHub."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        return False


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Everybody with a GitHub account may sign in; what they see comes from teams."""

    def pre_social_login(self, _request: HttpRequest, sociallogin: SocialLogin) -> None:
        """One user is one GitHub account: with two, somebody could approve what they asked for themselves."""
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            raise Denied(
                "A second GitHub account cannot be added.", next_step="Sign out, then sign in with it."
            )

    def is_auto_signup_allowed(self, _request: HttpRequest, _sociallogin: SocialLogin) -> bool:
        """Nothing is asked for but GitHub's word."""
        return True

    def is_open_for_signup(self, _request: HttpRequest, _sociallogin: SocialLogin) -> bool:
        return True

    def populate_user(self, _request: HttpRequest, sociallogin: SocialLogin, _data: dict[str, Any]) -> User:
        user = sociallogin.user
        user.username = f"github-{sociallogin.account.uid}"
        user.set_unusable_password()
        return user


@receiver(user_logged_in)
def remember(user: User, sociallogin: SocialLogin | None = None, **_: Any) -> None:
    """Link the person to the user who signed in and keep their token, in one transaction."""
    if sociallogin is None:
        return
    with transaction.atomic():
        person = link_person(user, sociallogin.account)
        if sociallogin.token is not None:
            keep_token(person, sociallogin.token)
        sync_groups(person)
        audit.record(by=person, action="sign_in", project=None, subject=person.login)


def link_person(user: User, account: SocialAccount) -> Person:
    said = account.extra_data
    person, _ = Person.objects.update_or_create(
        account_id=int(account.uid),
        defaults={"login": said.get("login", account.uid), "name": said.get("name") or "", "user": user},
    )
    user.person = person  # type: ignore[attr-defined]
    return person


def keep_token(person: Person, token: SocialToken) -> None:
    store_token(person, access=token.token, refresh=token.token_secret, expires_at=token.expires_at)


def store_token(person: Person, *, access: str, refresh: str, expires_at: datetime | None) -> None:
    UserToken.objects.update_or_create(
        person=person,
        defaults={
            "access": tokens.encrypt(access),
            "refresh": tokens.encrypt(refresh) if refresh else None,
            "expires_at": expires_at,
            "refreshing_until": None,  # who refreshes the pair before this one stores nothing any more
        },
    )


def sync_groups(person: Person) -> None:
    """Put the person's user into the groups of exactly the teams that GitHub last named them in."""
    if person.user is None:
        return
    of_teams = set(person.teams.values_list("group_id", flat=True))
    held = set(person.user.groups.filter(team__isnull=False).values_list("pk", flat=True))
    person.user.groups.add(*(of_teams - held))
    person.user.groups.remove(*(held - of_teams))
