"""Sign-in through GitHub, from the button to the page; what was typed before it is kept."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from governance import github, kept, tokens
from governance.github.errors import SignInAgain
from governance.models import AuditEvent, Person, UserToken
from tests.governance.world import World

pytestmark = pytest.mark.django_db
HOST = "127.0.0.1:8400"


def sign_in(client: Client, login: str, next_page: str = "/") -> str:
    """Press the button, choose the account on GitHub, come back; returns where one lands."""
    landed = come_back(client, login, f"next={next_page}")
    assert landed.status_code == 302, landed.content
    return str(landed["Location"])


def come_back(client: Client, login: str, query: str) -> HttpResponse:
    """What the portal answers to the one who comes back from GitHub."""
    asked = client.post(f"/accounts/github/login/?{query}", headers={"host": HOST})
    assert asked.status_code == 302, asked.content
    with httpx.Client() as browser:
        page = browser.get(asked["Location"])
        hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
        form = {name: html.unescape(value) for name, value in hidden} | {"login": login}
        chosen = browser.post(httpx.URL(asked["Location"]).copy_with(query=None), data=form)
    back = urlsplit(chosen.headers["location"])
    answer = client.get(f"{back.path}?{back.query}", headers={"host": HOST})
    assert isinstance(answer, HttpResponse)
    return answer


def test_signing_in_makes_a_person_known_by_account_id_without_a_password(world: World) -> None:
    client = Client()
    assert sign_in(client, "researcher") == "/"
    person = Person.objects.get(account_id=1001)
    assert person.user is not None
    assert not person.user.has_usable_password()
    assert client.session["_auth_user_id"] == str(person.user.pk)
    assert person.user.groups.filter(team__path="north-health/heart-researchers").exists()
    assert AuditEvent.objects.filter(action="sign_in", account_id=1001).exists()


def test_the_persons_token_is_stored_encrypted(world: World) -> None:
    sign_in(Client(), "researcher")
    held = UserToken.objects.get(person__account_id=1001)
    token = tokens.decrypt(held.access)
    assert token.startswith("ghu_")
    assert token.encode() not in bytes(held.access)
    assert held.refresh is not None
    assert held.expires_at is not None


def test_a_token_about_to_end_is_refreshed_once(world: World) -> None:
    sign_in(Client(), "researcher")
    held = UserToken.objects.get()
    before = tokens.decrypt(held.access)
    held.expires_at = timezone.now() + timedelta(minutes=1)
    held.save()
    github.actor(held.person)
    held.refresh_from_db()
    assert tokens.decrypt(held.access) != before
    assert held.expires_at > timezone.now() + timedelta(hours=7)
    assert github.actor(held.person).branch_head("north-health/heart-study", "main") is not None


def test_without_a_token_that_github_takes_one_is_asked_to_sign_in_again(world: World) -> None:
    sign_in(Client(), "researcher")
    UserToken.objects.update(expires_at=timezone.now(), refresh=tokens.encrypt("ghr_spent"))
    with pytest.raises(SignInAgain, match="no longer accepts your sign-in"):
        github.actor(Person.objects.get(account_id=1001))


def test_nobody_signs_up_or_in_with_a_password(world: World) -> None:
    client = Client()
    assert client.get("/accounts/signup/", headers={"host": HOST}).status_code == 404
    User.objects.create_user("somebody", password="known")
    refused = client.post(
        "/accounts/login/", {"login": "somebody", "password": "known"}, headers={"host": HOST}
    )
    assert refused.status_code in (403, 405)
    assert "_auth_user_id" not in client.session


def test_nobody_adds_a_second_github_account(world: World) -> None:
    """With two, somebody could approve as the one what they asked for as the other."""
    client = Client()
    sign_in(client, "controller")
    refused = come_back(client, "researcher", "process=connect")
    assert refused.status_code == 403
    assert "second GitHub account" in refused.content.decode()
    assert User.objects.get().socialaccount_set.count() == 1
    assert client.get("/accounts/3rdparty/", headers={"host": HOST}).status_code == 404


@pytest.mark.parametrize(
    ("address", "says"),
    [("cancelled", "You said no on GitHub"), ("error", "did not confirm who you are"), ("inactive", "off")],
)
def test_who_does_not_get_in_is_told_why_on_a_page_of_lockgates(address: str, says: str) -> None:
    page = Client().get(f"/accounts/{address}/", headers={"host": HOST}).content.decode()
    assert says in page
    assert "lockgate.css" in page or "stylesheet" in page


def test_what_was_typed_when_the_session_ended_is_given_back_after_sign_in() -> None:
    session: dict[str, object] = {}
    sent = _request(
        "post", "/projects/heart_study/requests/new/survival/", session, {"title": ["Long", "typed"]}
    )
    answer = kept.ask_to_sign_in(sent)
    assert isinstance(answer, HttpResponse)
    assert answer["Location"].startswith("/accounts/login/?next=%2Fprojects%2Fheart_study")
    elsewhere = _request("get", "/", session)
    assert kept.take(elsewhere) is None
    back = _request("get", "/projects/heart_study/requests/new/survival/", session)
    typed = kept.take(back)
    assert typed is not None
    assert typed.getlist("title") == ["Long", "typed"]
    assert "csrfmiddlewaretoken" not in typed
    assert kept.take(back) is None


def _request(
    method: str, path: str, session: dict[str, object], data: dict[str, object] | None = None
) -> HttpRequest:
    form = {**(data or {}), "csrfmiddlewaretoken": "x"} if method == "post" else {}
    request: HttpRequest = getattr(RequestFactory(), method)(path, form)
    request.session = session  # type: ignore[assignment]
    return request
