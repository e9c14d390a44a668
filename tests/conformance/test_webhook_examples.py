"""Every example of a delivery that GitHub publishes is taken where it is signed, and harms nothing."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from typing import Any

import pytest
from django.test import Client

from governance.deliveries import digest
from governance.models import WebhookDelivery, Work
from tests import portal_environment as environment
from tests.conformance.prepare import PACKAGES
from tests.governance.conftest import world
from tests.governance.world import CODE_REPO, World

__all__ = ["world"]
INDEX = PACKAGES / "webhooks-examples" / "api.github.com" / "index.json"
EXAMPLES = [(each["name"], example) for each in json.loads(INDEX.read_text()) for example in each["examples"]]


def deliver(number: int, event: str, payload: Any, *, secret: str | None) -> int:
    body = json.dumps(payload).encode()
    headers = {"X-GitHub-Event": event, "X-GitHub-Delivery": f"example-{number}"}
    if secret is not None:
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers["X-Hub-Signature-256"] = f"sha256={signature}"
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/webhooks/github", data=body, content_type="application/json", headers=headers)
    return answer.status_code


def told_of_our_repository(payload: Any) -> Any:
    """The same, as if it had happened where Lockgate looks."""
    organization, name = CODE_REPO.split("/")
    told = {**payload}
    if "repository" in told:
        told["repository"] = {**told["repository"], "full_name": CODE_REPO, "name": name}
    if "organization" in told:
        told["organization"] = {**told["organization"], "login": organization}
    return told


def test_all_of_them_are_tried() -> None:
    assert len(EXAMPLES) == 329


def test_each_signed_one_is_taken_and_what_it_asks_for_is_done_without_a_crash(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    told = [*EXAMPLES, *((event, told_of_our_repository(payload)) for event, payload in EXAMPLES)]
    answers = {
        (event, deliver(number, event, payload, secret=environment.WEBHOOK_SECRET))
        for number, (event, payload) in enumerate(told)
    }
    assert not {(event, status) for event, status in answers if not 200 <= status < 300}
    assert WebhookDelivery.objects.count() == len(told)
    while digest():
        pass
    assert Work.objects.filter(kind="look").exists()
    with caplog.at_level(logging.WARNING):
        world.catch_up()
    assert not [record.getMessage() for record in caplog.records if record.exc_info]
    assert not Work.objects.exclude(problem="").exists(), list(Work.objects.exclude(problem="").values())


@pytest.mark.django_db
@pytest.mark.parametrize("secret", [None, "another secret"], ids=["unsigned", "forged"])
def test_each_that_github_did_not_sign_is_refused_and_nothing_is_stored(secret: str | None) -> None:
    answers = {deliver(number, *example, secret=secret) for number, example in enumerate(EXAMPLES)}
    assert answers <= {401, 403}
    assert not WebhookDelivery.objects.exists()
    assert not Work.objects.exists()
