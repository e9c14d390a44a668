"""What `lockgate new` makes and `lockgate protect` protects has a clean posture on GitHub."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django.live_server_helper import LiveServer

from governance.models import Posture, PostureFinding, WebhookDelivery
from governance.posture.findings import Code
from governance.posture.permissions import NODE_PERMISSIONS, PORTAL_EVENTS, PORTAL_PERMISSIONS, levels
from lockgate.cli import main
from tests import portal_environment as environment
from tests.governance.seed import CODE_REPO, NODE_APP, NODE_REPO, PERSONAL, PORTAL_APP, seed
from tests.governance.world import World, served
from tests.services.ports import wait_until
from tests.standin.world import commit, git

TEAMS = "heart-controllers,north-controllers,maintainers"


def registered(webhook_url: str) -> dict[str, Any]:
    """The Apps as docs/github-app.md has them registered, and GitHub's own Actions."""
    begins = seed(environment.APP_KEY_FILE)
    portal, node, _ = begins["apps"]
    webhook = {"webhook_url": webhook_url, "webhook_secret": environment.WEBHOOK_SECRET}
    events = [event.name for event in PORTAL_EVENTS]
    portal |= {"permissions": dict(levels(PORTAL_PERMISSIONS)), "events": events, **webhook}
    node |= {"permissions": dict(levels(NODE_PERMISSIONS))}
    return {**begins, "apps": [portal, node]}


@pytest.fixture
def world(
    tmp_path: Path, live_server: LiveServer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """A GitHub that delivers to the portal, with both repositories made and protected."""
    settings.LOCKGATE = replace(settings.LOCKGATE, url=live_server.url)
    monkeypatch.setenv("ADMIN_TOKEN", PERSONAL["maintainer"])
    with served(tmp_path, registered(f"{live_server.url}/webhooks/github")) as world:
        since = made(world, "code-repo", CODE_REPO)
        made(world, "node-repo", NODE_REPO, "--project", f"heart_study={CODE_REPO}@{since}")
        protected(world, CODE_REPO, "--node-app-id", str(NODE_APP))
        protected(world, NODE_REPO, "--node-repo")
        world.catch_up()
        yield world


def made(world: World, kind: str, repo: str, *options: str) -> str:
    """Generated, committed and pushed; its first commit."""
    wheel = world.folder / "lockgate-0.1.0-py3-none-any.whl"
    wheel.write_bytes(b"a wheel: only its hash matters here")
    folder = world.folder / repo.partition("/")[2]
    assert main(["new", kind, str(folder), "--defaults", "--wheel", str(wheel), *options]) == 0
    git(folder, "init", "-q", "--initial-branch=main")
    git(folder, "config", "user.name", "maintainer")
    git(folder, "config", "user.email", "maintainer@example.org")
    sha = commit(folder, {}, "Begin")
    remote = world.url.replace("://", f"://x-access-token:{PERSONAL['maintainer']}@") + f"/{repo}.git"
    git(folder, "push", "-q", remote, "main")
    return sha


def protected(world: World, repo: str, *options: str) -> None:
    github = ("--github", world.url, "--token-env", "ADMIN_TOKEN")
    assert main(["protect", repo, *github, "--app-id", str(PORTAL_APP), "--teams", TEAMS, *options]) == 0


def posture(*arguments: str) -> tuple[int, dict[str, list[str]]]:
    """Exit code, and the codes found in each repository."""
    out, code = StringIO(), 0
    try:
        call_command("posture", "--json", *arguments, stdout=out)
    except SystemExit as ended:
        code = int(str(ended.code))
    told = json.loads(out.getvalue())["repositories"]
    return code, {repo: sorted(each["code"] for each in found) for repo, found in told.items()}


@pytest.mark.django_db(transaction=True)
def test_what_lockgate_makes_and_protects_is_clean_until_somebody_changes_it(world: World) -> None:
    assert posture("--token-env", "ADMIN_TOKEN") == (0, {CODE_REPO: [], NODE_REPO: []})
    world.catch_up()
    world.pass_again()
    assert not Posture.objects.filter(findings__isnull=False).exists(), "what an administrator saw holds"
    world.api("DELETE", f"/repos/{CODE_REPO}/branches/main/protection", as_="maintainer")
    told = WebhookDelivery.objects.filter(event="branch_protection_rule", action="deleted")
    wait_until(told.exists, what="what GitHub tells of it")
    world.catch_up()
    assert PostureFinding.objects.filter(code=Code.MAIN_UNPROTECTED, posture__project__isnull=False).exists()
