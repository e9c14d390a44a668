"""Personal tokens: shown once, kept as a hash, ended at once, and each person's own."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from governance.models import AuditEvent
from publications import tokens
from publications.models import PersonalToken
from tests.pages.world import World
from tests.publications.conftest import Visit

pytestmark = pytest.mark.django_db
PAGE = "/account/tokens/"


def make(browser: Client, name: str = "laptop") -> str:
    """The text of a new token, read off the page."""
    found = re.search(r"lgp_[\w-]{20,}", browser.post(PAGE, {"name": name}).content.decode())
    assert found is not None
    return found[0]


def test_a_token_is_shown_once_and_only_its_hash_is_kept(people: World, as_: Visit) -> None:
    browser = as_("researcher")
    text = make(browser)
    owner = tokens.owner_of(text)
    assert owner == people.people["researcher"]
    page = browser.get(PAGE).content.decode()
    assert text not in page
    assert text[:10] in page
    assert text not in str(list(PersonalToken.objects.values()))
    assert text not in str(list(AuditEvent.objects.values()))


def test_the_page_that_shows_it_is_kept_by_no_cache(people: World, as_: Visit) -> None:
    assert "no-store" in as_("researcher").post(PAGE, {"name": "laptop"})["Cache-Control"]


def test_making_and_revoking_are_audit_rows(people: World, as_: Visit) -> None:
    browser = as_("researcher")
    text = make(browser)
    browser.post(f"{PAGE}{PersonalToken.objects.get().pk}/revoke/")
    said = list(AuditEvent.objects.order_by("number").values_list("login", "action", "subject"))
    subject = f"laptop ({text[:10]}…)"
    assert said == [("researcher", "token.created", subject), ("researcher", "token.revoked", subject)]


def test_a_revoked_token_ends_at_once(people: World, as_: Visit) -> None:
    browser = as_("researcher")
    text = make(browser)
    answer = browser.post(f"{PAGE}{PersonalToken.objects.get().pk}/revoke/", follow=True)
    assert "The token is revoked" in answer.content.decode()
    assert tokens.owner_of(text) is None
    assert "You have no token" in browser.get(PAGE).content.decode()
    assert browser.post(f"{PAGE}{PersonalToken.objects.get().pk}/revoke/").status_code == 404


def test_anothers_token_is_neither_seen_nor_revoked(people: World, as_: Visit) -> None:
    text = make(as_("researcher"))
    assert text[:10] not in as_("researcher-2").get(PAGE).content.decode()
    answer = as_("researcher-2").post(f"{PAGE}{PersonalToken.objects.get().pk}/revoke/")
    assert answer.status_code == 404
    assert tokens.owner_of(text) is not None


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
def test_a_name_that_will_not_do_is_said_at_the_field_and_kept(name: str, people: World, as_: Visit) -> None:
    answer = as_("researcher").post(PAGE, {"name": name})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id-name-error"' in page
    assert 'aria-invalid="true"' in page
    assert f'value="{name.strip()}"' in page
    assert not PersonalToken.objects.exists()


def test_a_name_typed_when_the_session_ended_is_kept(people: World, as_: Visit) -> None:
    browser = as_(None)
    assert browser.post(PAGE, {"name": "login node"}).status_code == 302
    user = people.people["researcher"].user
    assert user is not None
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert 'value="login node"' in browser.get(PAGE).content.decode()
    assert not PersonalToken.objects.exists()


def test_a_name_is_shown_as_text(people: World, as_: Visit) -> None:
    page = as_("researcher").post(PAGE, {"name": "<b>laptop</b>"}).content.decode()
    assert "<b>laptop" not in page
    assert "&lt;b&gt;laptop" in page
