"""Webhook deliveries: kept with one statement, then turned into looks at GitHub, each once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from governance import deliveries
from governance.deliveries import digest, store, take_missed
from governance.hints import read_hint
from governance.models import FailedDelivery, UserToken, WebhookDelivery, Work
from governance.verdicts import look
from standins.github.store import Delivery
from tests.governance.seed import PORTAL_APP
from tests.governance.test_webhooks import HINT, deliver, open_on_github, signed
from tests.governance.world import CODE_REPO, NODE_REPO, ORGANIZATION, World

pytestmark = pytest.mark.django_db
CODE, NODE = {"full_name": CODE_REPO}, {"full_name": NODE_REPO}
IN_ORGANIZATION = {"organization": {"login": ORGANIZATION}}
POSTURE = {("read_posture", "project:heart_study")}
TEAM = {**IN_ORGANIZATION, "team": {"slug": "heart-controllers"}}


def heard(event: str, said: dict[str, Any], guid: str = "") -> set[tuple[str, str]]:
    """What is asked for once this was delivered and digested."""
    Work.objects.all().delete()
    hint = read_hint(json.dumps(said).encode())
    assert hint is not None
    store(guid or f"{event}-{WebhookDelivery.objects.count()}", event, hint)
    digest()
    return set(Work.objects.values_list("kind", "subject"))


def test_a_delivery_costs_one_statement() -> None:
    body = json.dumps(HINT).encode()
    with CaptureQueriesContext(connection) as asked:
        assert deliver(body, signature=signed(body)) == 202
    assert [query["sql"].split()[0] for query in asked] == ["INSERT"]


def test_each_event_leads_to_a_look_at_what_it_is_about(world: World) -> None:
    number = open_on_github(world)
    head = look(world.project, number).head_sha
    this, glance = {("look", f"project:heart_study:{number}")}, {("glance", "project:heart_study")}
    everybody = {("read_teams", ORGANIZATION)}
    assert heard("pull_request_review", {"repository": CODE, "pull_request": {"number": number}}) == this
    assert heard("issue_comment", {"repository": CODE, "issue": {"number": number}}) == this
    assert heard("check_run", {"repository": CODE, "check_run": {"head_sha": head}}) == this
    assert heard("check_suite", {"repository": CODE, "check_suite": {"head_sha": head}}) == this
    assert heard("workflow_run", {"repository": CODE, "workflow_run": {"head_sha": head}}) == this
    assert heard("status", {"repository": CODE, "sha": head}) == this
    assert heard("check_run", {"repository": CODE, "check_run": {"head_sha": "f" * 40}}) == glance
    assert heard("push", {"repository": CODE}) == glance
    assert heard("push", {"repository": NODE}) == {("glance", "node:north")}
    assert heard("branch_protection_rule", {"repository": CODE}) == glance | POSTURE
    assert heard("member", {"repository": CODE, **IN_ORGANIZATION}) == glance
    assert heard("membership", TEAM) == {("read_team", f"{ORGANIZATION}/heart-controllers")}
    assert heard("team", TEAM) == everybody
    assert heard("organization", IN_ORGANIZATION) == {*everybody, ("pass", ORGANIZATION)}
    installed = {"installation": {"id": 1, "account": {"login": ORGANIZATION}}}
    assert heard("installation", installed) == {*everybody, ("pass", ORGANIZATION)}
    assert heard("push", {"repository": {"full_name": "somebody/elses"}}) == set()


def test_a_repository_that_was_renamed_is_known_by_its_id(world: World) -> None:
    renamed = {"full_name": "north-health/heart", "id": world.project.repository_id}
    assert heard("repository", {"repository": renamed}) == {("glance", "project:heart_study")} | POSTURE


def test_who_takes_back_the_apps_right_is_asked_to_sign_in_again(world: World) -> None:
    researcher = world.person("researcher")
    world.person("controller")
    heard("github_app_authorization", {"action": "revoked", "sender": {"id": researcher.account_id}})
    assert [held.person.login for held in UserToken.objects.all()] == ["controller"]


def test_what_could_not_be_digested_is_digested_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    number = open_on_github(world)

    def fails(_: object) -> None:
        raise RuntimeError("The disk is full.")

    said = {"repository": CODE, "pull_request": {"number": number}}
    with monkeypatch.context() as broken:
        broken.setattr(deliveries, "ask_all", fails)
        with pytest.raises(RuntimeError):
            heard("pull_request", said, guid="one")
    assert digest() == 1
    assert Work.objects.filter(kind="look").exists()


def test_the_same_delivery_again_asks_for_nothing(world: World) -> None:
    said = {"repository": CODE, "pull_request": {"number": 7}}
    assert heard("pull_request", said, guid="one")
    assert not heard("pull_request", said, guid="one")


def test_a_burst_is_digested_in_batches_and_asks_once_for_the_same() -> None:
    hint = read_hint(json.dumps({"repository": CODE}).encode())
    assert hint is not None
    for number in range(deliveries.BATCH + 1):
        store(str(number), "push", hint)
    assert [digest(), digest(), digest()] == [deliveries.BATCH, 1, 0]


def test_what_github_could_not_deliver_is_taken_from_its_list(world: World) -> None:
    number, now = open_on_github(world), timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    said = {"repository": CODE, "pull_request": {"number": number}, "installation": {"id": 1}}
    for guid, status in (("lost", None), ("refused", 500), ("arrived", 202)):
        row = Delivery(0, guid, PORTAL_APP, "pull_request", "opened", json.dumps(said), "failed", status)
        world.line.app.state.site.store.insert(
            Delivery(**{**vars(row), "created_at": now, "delivered_at": now})
        )
    take_missed()
    take_missed()
    assert set(WebhookDelivery.objects.values_list("guid", "number")) == {
        ("lost", number),
        ("refused", number),
    }
    assert {row.guid for row in FailedDelivery.objects.all()} == {"lost", "refused"}
