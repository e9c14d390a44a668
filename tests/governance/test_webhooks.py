"""The webhook edge: only what GitHub signed is taken, once; and it is a hint, never the data."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest
from django.test import Client

from governance.models import PullRequest, WebhookDelivery, Work
from tests import portal_environment as environment
from tests.governance.world import CODE_REPO, World, a_request, request_file

ADDRESS = "/webhooks/github"
HINT = {"action": "opened", "repository": {"full_name": CODE_REPO}, "pull_request": {"number": 7}}


def signed(body: bytes, secret: str = environment.WEBHOOK_SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def deliver(body: bytes, *, signature: str | None, guid: str = "72d3162e-cc78") -> int:
    headers = {"X-GitHub-Event": "pull_request", "X-GitHub-Delivery": guid}
    if signature is not None:
        headers["X-Hub-Signature-256"] = signature
    client = Client(enforce_csrf_checks=True)
    return client.post(ADDRESS, data=body, content_type="application/json", headers=headers).status_code


FORGED = {
    "unsigned": (None, 401),
    "empty": ("", 401),
    "another secret": (signed(json.dumps(HINT).encode(), "x" * 40), 403),
    "another body": (signed(b"{}"), 403),
    "sha1 only": ("sha1=da39a3ee5e6b4b0d3255bfef95601890afd80709", 403),
    "no hash": ("sha256=", 403),
    "beyond ASCII": ("sha256=é", 403),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("signature", "status"), FORGED.values(), ids=FORGED.keys())
def test_a_forged_or_unsigned_delivery_stores_nothing(signature: str | None, status: int) -> None:
    assert deliver(json.dumps(HINT).encode(), signature=signature) == status
    assert not WebhookDelivery.objects.exists()
    assert not Work.objects.exists()


@pytest.mark.django_db
def test_a_signed_delivery_is_stored_once_for_its_guid() -> None:
    body = json.dumps(HINT).encode()
    assert deliver(body, signature=signed(body)) == 202
    assert deliver(body, signature=signed(body)) == 202
    assert WebhookDelivery.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("body", [b"[]", b"not JSON", b'"text"'])
def test_what_is_signed_and_no_delivery_is_refused(body: bytes) -> None:
    assert deliver(body, signature=signed(body)) == 400
    assert not WebhookDelivery.objects.exists()


@pytest.mark.django_db
def test_an_odd_payload_is_taken_without_harm() -> None:
    odd = {
        "repository": "x",
        "pull_request": {"number": "7; DROP"},
        "issue": [],
        "check_run": {"pull_requests": 1},
    }
    body = json.dumps(odd).encode()
    assert deliver(body, signature=signed(body)) == 202
    assert not Work.objects.exists()


@pytest.mark.django_db
def test_a_hint_makes_the_portal_read_github_and_believes_nothing_of_the_payload(world: World) -> None:
    number = open_on_github(world)
    body = json.dumps(
        {**HINT, "pull_request": {"number": number, "title": "Forged", "merged": True}}
    ).encode()
    assert deliver(body, signature=signed(body)) == 202
    world.catch_up()
    pull_request = world.pull_request(number)
    assert (pull_request.title, pull_request.state) == ("By hand", "open")


@pytest.mark.django_db
def test_a_lost_webhook_is_repaired_by_the_pass(world: World) -> None:
    number = open_on_github(world)
    world.pass_again()
    assert world.pull_request(number).status == "waiting"
    world.api("PATCH", f"/repos/{CODE_REPO}/pulls/{number}", as_="researcher", body={"state": "closed"})
    world.pass_again()
    assert world.pull_request(number).state == "closed"


@pytest.mark.django_db
def test_one_that_was_opened_and_closed_unseen_is_found_too(world: World) -> None:
    number = open_on_github(world)
    world.api("PATCH", f"/repos/{CODE_REPO}/pulls/{number}", as_="researcher", body={"state": "closed"})
    world.pass_again()
    assert PullRequest.objects.get(number=number).state == "closed"


def open_on_github(world: World) -> int:
    """A request pushed and opened by hand, with no webhook sent."""
    request = a_request()
    branch = f"request/{request.id}"
    world.push(branch, request_file(request), login="researcher")
    body = {"title": "By hand", "head": branch, "base": "main", "body": "Why"}
    made = world.api("POST", f"/repos/{CODE_REPO}/pulls", as_="researcher", body=body)
    return int(made["number"])
