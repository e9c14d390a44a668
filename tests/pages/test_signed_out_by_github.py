"""GitHub no longer takes somebody's sign-in: they sign in again and find all that they had typed."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from governance import tokens
from governance.models import RemoteAct, UserToken
from jobs.models import Draft, JobRequest
from tests.governance.conftest import world
from tests.governance.test_signin import sign_in
from tests.governance.world import World
from tests.pages.test_acts import FORM, TYPED, browser, sent, text_of

__all__ = ["world"]  # fixtures: a local GitHub and the portal beside it
pytestmark = pytest.mark.django_db(transaction=True)


def with_a_dead_token(world: World, login: str) -> Client:
    client = browser(world, login)
    UserToken.objects.update(access=tokens.encrypt("ghu_revoked"), refresh=None)
    return client


def back_after_sign_in(client: Client, answer: Any, login: str) -> Any:
    """Follow the way to sign-in and back; the page on which one lands."""
    asked = urlsplit(answer["Location"])
    assert asked.path == "/accounts/login/"
    assert "your text is kept" in text_of(client.get(answer["Location"]))
    landed = sign_in(client, login, parse_qs(asked.query)["next"][0])
    return client.get(landed, follow=True)


def test_a_comment_comes_back(world: World) -> None:
    pull = sent(world)
    client = with_a_dead_token(world, "researcher")
    path = f"/projects/heart_study/requests/{pull.request}/comment/"
    page = back_after_sign_in(client, client.post(path, {"body": "Long thoughts."}), "researcher")
    assert "Long thoughts.</textarea>" in text_of(page)
    assert "Long thoughts." in text_of(client.post(path, {"body": "Long thoughts."}, follow=True))


@pytest.mark.parametrize("act", ["approve", "request-changes"])
def test_a_decision_comes_back_and_was_not_made(world: World, act: str) -> None:
    pull = sent(world)
    client = with_a_dead_token(world, "controller")
    path = f"/projects/heart_study/changes/{pull.number}/{act}/"
    answer = client.post(path, {"head": pull.head_sha, "body": "Because of this."})
    assert RemoteAct.objects.get(by__login="controller").state == "failed"
    page = back_after_sign_in(client, answer, "controller")
    assert "Because of this.</textarea>" in text_of(page)
    done = client.post(path, {"head": pull.head_sha, "body": "Because of this."}, follow=True)
    assert "Because of this." in text_of(client.get(f"/projects/heart_study/requests/{pull.request}/"))
    assert done.status_code == 200


def test_a_request_comes_back_ready_to_be_sent(world: World) -> None:
    client = with_a_dead_token(world, "researcher")
    preview = client.post(FORM, TYPED)["Location"]
    file = client.get(preview).context["text"]
    answer = client.post(preview.replace("preview", "send"), {"file": file})
    page = back_after_sign_in(client, answer, "researcher")
    assert page.context["text"] == file
    client.post(preview.replace("preview", "send"), {"file": file})
    assert Draft.objects.get().request == JobRequest.objects.get().slug


def test_what_one_person_typed_is_given_to_nobody_else(world: World) -> None:
    pull = sent(world)
    client = with_a_dead_token(world, "controller")
    path = f"/projects/heart_study/changes/{pull.number}/approve/"
    answer = client.post(path, {"head": pull.head_sha, "body": "Between us."})
    page = back_after_sign_in(client, answer, "controller-2")
    assert page.status_code == 200
    assert "Between us." not in text_of(page)
