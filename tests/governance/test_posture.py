"""What GitHub would let through: read from a local GitHub, kept with its time, audited."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from governance.deliveries import digest
from governance.github.errors import GitHubUnavailable
from governance.models import AuditEvent, Posture, PostureFinding, Work
from governance.posture.findings import Code, Finding
from governance.posture.rows import keep
from governance.posture.steps import look_at_posture
from tests import portal_environment as environment
from tests.governance.seed import CODE_REPO
from tests.governance.world import World

PROTECTION = f"/repos/{CODE_REPO}/branches/main/protection"
LOOSE = {
    "required_status_checks": None,
    "enforce_admins": False,
    "required_pull_request_reviews": None,
    "restrictions": None,
    "allow_force_pushes": True,
}
LOOSENED = {"administrators_bypass", "policy_not_required", "updates_open", "force_pushes"}


def codes() -> set[str]:
    return set(PostureFinding.objects.filter(posture__project__isnull=False).values_list("code", flat=True))


def audited() -> list[dict[str, list[str]]]:
    rows = AuditEvent.objects.filter(action="posture.read", subject="project:heart_study")
    return [row.details for row in rows.order_by("number")]


def command(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("posture", *arguments, stdout=out)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


def test_a_loosened_protection_is_found_and_goes_when_it_is_mended(world: World) -> None:
    kept = world.api("GET", PROTECTION, as_="maintainer")
    look_at_posture(world.project)
    assert not codes() & LOOSENED
    world.api("PUT", PROTECTION, as_="maintainer", body=LOOSE)
    look_at_posture(world.project)
    assert codes() >= LOOSENED
    assert {each.partition(":")[0] for each in audited()[-1]["appeared"]} >= LOOSENED
    mended = {
        **LOOSE,
        "required_status_checks": {"strict": False, "checks": kept["required_status_checks"]["checks"]},
        "enforce_admins": True,
        "restrictions": {"users": [], "teams": ["heart-controllers", "maintainers"], "apps": []},
        "allow_force_pushes": False,
    }
    world.api("PUT", PROTECTION, as_="maintainer", body=mended)
    look_at_posture(world.project)
    assert not codes() & LOOSENED
    assert {each.partition(":")[0] for each in audited()[-1]["gone"]} >= LOOSENED


def test_a_finding_keeps_its_time_and_an_older_reading_never_overwrites_a_newer(world: World) -> None:
    look_at_posture(world.project)
    before = {(row.code, row.about): row.since for row in PostureFinding.objects.all()}
    look_at_posture(world.project)
    earlier = timezone.now() - timedelta(minutes=1)
    keep(world.project, [Finding(Code.MAIN_UNPROTECTED)], {}, earlier)
    assert {(row.code, row.about): row.since for row in PostureFinding.objects.all()} == before
    assert len(audited()) == 1


def test_while_github_cannot_be_read_nothing_is_called_clean_and_what_was_found_stays(world: World) -> None:
    world.api("DELETE", PROTECTION, as_="maintainer")
    look_at_posture(world.project)
    found, read_at = codes(), Posture.objects.get(project=world.project).read_at
    world.line.lose_request(*[f"GET /repos/{CODE_REPO}"] * 2)
    for _ in range(2):
        with pytest.raises(GitHubUnavailable):
            look_at_posture(world.project)
    row = Posture.objects.get(project=world.project)
    assert row.unread_since is not None
    assert (row.read_at, codes()) == (read_at, found)
    assert AuditEvent.objects.filter(action="posture.unread").count() == 1
    look_at_posture(world.project)
    assert Posture.objects.get(project=world.project).unread_since is None


def test_the_worker_reads_every_place_by_itself(world: World) -> None:
    world.catch_up()
    assert not Posture.objects.exists(), "a new place is still being set up"
    world.pass_again()
    read = Posture.objects.filter(read_at__isnull=False)
    assert {row.place.name for row in read} == {"north", "heart_study"}


def test_a_webhook_that_tells_of_a_change_has_it_read_at_once(world: World) -> None:
    for event in ("branch_protection_rule", "repository_ruleset", "repository"):
        Work.objects.filter(kind="read_posture").delete()
        body = json.dumps({"action": "edited", "repository": {"full_name": CODE_REPO}}).encode()
        secret = environment.WEBHOOK_SECRET.encode()
        headers = {
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": f"guid-{event}",
            "X-Hub-Signature-256": "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest(),
        }
        Client().post("/webhooks/github", data=body, content_type="application/json", headers=headers)
        digest()
        asked = Work.objects.get(kind="read_posture", subject="project:heart_study")
        assert asked.due_at <= timezone.now()


def test_the_command_names_each_finding_and_how_to_mend_it_and_exits_1(world: World) -> None:
    world.api("DELETE", PROTECTION, as_="maintainer")
    code, said = command("--project", "heart_study")
    assert code == 1
    assert "The default branch is not protected: main" in said
    assert "Run “lockgate protect” on this repository." in said
    assert "north-node" not in said
    code, said = command("--json")
    told = json.loads(said)
    assert (code, told["clean"]) == (1, False)
    assert set(told["repositories"]) == {CODE_REPO, "north-health/north-node"}
    found = {each["code"] for each in told["repositories"][CODE_REPO]}
    assert found == codes()


def test_the_command_exits_2_where_it_could_not_tell(world: World) -> None:
    world.line.lose_request(f"GET /repos/{CODE_REPO}")
    code, said = command("--project", "heart_study")
    assert code == 2
    assert "GitHub did not answer" in said


def test_the_command_refuses_what_it_cannot_do(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ADMIN_TOKEN", raising=False)
    with pytest.raises(CommandError, match="no such project"):
        command("--project", "lung_study")
    with pytest.raises(CommandError, match="ADMIN_TOKEN holds no token"):
        command("--token-env", "ADMIN_TOKEN")
