"""`manage.py check_github`: proves a GitHub with a scratch repository, and leaves it as it was."""

from __future__ import annotations

import ast
import contextlib
import inspect
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

import governance
from governance.github.port import Actor, Reader, Writer
from governance.github.posture import PostureReader
from governance.models import Project, Team
from governance.posture.permissions import NODE_PERMISSIONS, PORTAL_PERMISSIONS, levels
from standins.github.store import Delivery
from tests import portal_environment as environment
from tests.governance.seed import CODE_REPO, NODE_APP, NODE_REPO, ORGANIZATION, PERSONAL, seed
from tests.governance.world import World, served
from tests.posture.standin import has_rulesets
from tests.services.ports import wait_until
from tests.standin.world import commit, git

pytestmark = pytest.mark.django_db
SCRATCH = f"{ORGANIZATION}/scratch"
MAINTAINERS = f"{ORGANIZATION}/maintainers"
NOBODY_HEARS = "http://127.0.0.1:9/webhooks/github"
NOT_CALLS = {"default_branch", "app"}  # of a call that another method tries
PEOPLE = {"PERSON": "researcher", "REVIEWER": "controller", "ADMINISTRATOR": "maintainer"}


def begins(**changed: str) -> dict[str, Any]:
    """The seed with a scratch repository; `changed` are permissions of the portal's App, "" for none."""
    given = seed(environment.APP_KEY_FILE)
    teams = {"heart-researchers": "push", "heart-controllers": "push", "maintainers": "admin"}
    scratch = {"owner": ORGANIZATION, "name": "scratch", "private": True, "default_branch": "main"}
    given["repositories"].append({**scratch, "teams": teams})
    portal = {name: level for name, level in (levels(PORTAL_PERMISSIONS) | changed).items() if level}
    held = (portal, levels(NODE_PERMISSIONS), {"contents": "read"})
    for app, permissions in zip(given["apps"], held, strict=True):
        app["permissions"] = dict(permissions)
        app["webhook_url"], app["events"] = NOBODY_HEARS, ["push"]
        app["installations"][0]["repositories"].append("scratch")
        app["webhook_secret"] = environment.WEBHOOK_SECRET
    return given


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The arguments that name everybody's token, and the node's App."""
    for variable, login in PEOPLE.items():
        monkeypatch.setenv(variable, PERSONAL[login])
    people = [word for name in PEOPLE for word in (f"--{name.lower()}-env", name)]
    return [*people, "--node-app-id", str(NODE_APP), "--node-key-file", str(environment.APP_KEY_FILE)]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with served(tmp_path, begins()) as world:
        fill(world)
        yield world


def fill(world: World) -> None:
    clone = world.clone(SCRATCH, "maintainer")
    git(clone, "checkout", "-q", "-b", "main")
    commit(clone, {"README.md": "Nothing of worth.\n"})
    git(clone, "push", "-q", "origin", "main")
    store = world.line.app.state.site.store
    wait_until(lambda: store.first(Delivery, state="failed"), what="the delivery that nobody hears")


def check(*arguments: str, repo: str = SCRATCH) -> tuple[int, list[dict[str, str]]]:
    """Exit code, and what was tried."""
    out, code = StringIO(), 0
    try:
        call_command("check_github", "--repository", repo, "--json", *arguments, stdout=out)
    except SystemExit as ended:
        code = int(str(ended.code))
    return code, json.loads(out.getvalue())


def of(tried: list[dict[str, str]], result: str) -> list[str]:
    return [f"{each['group']}: {each['call']} {each['advice']}" for each in tried if each["result"] == result]


def branches(world: World) -> list[str]:
    return [each["name"] for each in world.api("GET", f"/repos/{SCRATCH}/branches", as_="maintainer")]


def test_every_call_works_and_nothing_is_left_behind(world: World, tokens: list[str]) -> None:
    code, tried = check(*tokens)
    assert of(tried, "refused") == []
    not_told = [] if has_rulesets(world, SCRATCH) else ["/repos/{owner}/{repo}/rulesets"]
    assert [each["call"].partition(" ")[2] for each in tried if each["result"] == "not told"] == not_told
    assert [each["group"] for each in tried if each["result"] == "skipped"] == ["app"], "no team is known"
    assert code == (2 if not_told else 0)
    by = {each["call"]: each["group"] for each in tried}
    assert by["PUT /repos/{owner}/{repo}/pulls/{number}/update-branch"] == "app"
    assert by["PUT /repos/{owner}/{repo}/pulls/{number}/merge"] == "person"
    assert branches(world) == ["main"]
    pulls = world.api("GET", f"/repos/{SCRATCH}/pulls?state=all", as_="maintainer")
    assert {each["state"] for each in pulls} == {"closed"}
    assert [each["merged_at"] is not None for each in pulls].count(True) == 1
    (head,) = {each["sha"] for each in world.api("GET", f"/repos/{SCRATCH}/commits", as_="maintainer")}
    assert (
        world.api("GET", f"/repos/{SCRATCH}/commits/{head}/check-runs", as_="maintainer")["total_count"] == 1
    )


def test_whatever_the_adapters_can_call_is_tried() -> None:
    used = {
        (node.value.id, node.attr)
        for path in (Path(governance.__file__).parent / "trial").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    adapters = {"reader": Reader, "writer": Writer, "actor": Actor, "posture": PostureReader}
    for called, adapter in adapters.items():
        methods = {name for name, _ in inspect.getmembers(adapter, inspect.isfunction) if name[0] != "_"}
        missing = methods - NOT_CALLS - {name for by, name in used if by == called}
        assert not missing, f"check_github tries too little of {adapter.__name__}"


def test_without_tokens_the_groups_are_skipped_aloud(world: World) -> None:
    _, tried = check()
    assert of(tried, "refused") == []
    skipped = {each["group"]: each["advice"] for each in tried if each["result"] == "skipped"}
    assert skipped.keys() == {"app", "person", "administrator", "node"}
    assert "--person-env NAME" in skipped["person"]


def test_a_permission_that_is_missing_is_named_with_the_call_that_needs_it(tmp_path: Path) -> None:
    with served(tmp_path, begins(checks="read")) as world:
        fill(world)
        code, tried = check()
    refused = {each["call"]: each["advice"] for each in tried if each["result"] == "refused"}
    assert code == 1
    advice = refused.pop("POST /repos/{owner}/{repo}/check-runs")
    assert "It needs checks: write. See docs/github-app.md." in advice
    assert refused == {}


def test_where_the_app_may_not_write_the_people_are_tried_all_the_same(
    tmp_path: Path, tokens: list[str]
) -> None:
    with served(tmp_path, begins(contents="read")) as world:
        fill(world)
        code, tried = check(*tokens)
        assert branches(world) == ["main"]
    begun = next(each for each in tried if each["call"].startswith("POST /repos/{owner}/{repo}/git/trees"))
    assert (code, begun["group"], begun["result"]) == (1, "app", "refused")
    assert "It needs contents: write." in begun["advice"]
    assert {"person", "administrator", "node"} <= {each["group"] for each in tried}


def test_without_leave_to_read_protection_nothing_can_begin(tmp_path: Path) -> None:
    with served(tmp_path, begins(administration="")) as world:
        fill(world)
        code, tried = check()
    assert (code, tried[-2]["call"], tried[-2]["result"]) == (1, "GraphQL repository", "refused")
    assert "It needs contents: read and administration: read" in tried[-2]["advice"]


def test_a_team_that_is_known_is_read(world: World) -> None:
    group = Group.objects.create(name=MAINTAINERS)
    Team.objects.create(path=MAINTAINERS, group=group)
    _, tried = check()
    works = {each["call"] for each in tried if each["result"] == "works"}
    assert {"GraphQL organization.team.members", "GET /orgs/{org}/teams/{team}/members"} <= works


def test_what_was_made_is_taken_away_where_a_later_call_fails(world: World, tokens: list[str]) -> None:
    world.line.lose_request("POST /git/blobs", f"POST /repos/{SCRATCH}/pulls")
    code, tried = check(*tokens)
    assert code == 2
    assert [each["group"] for each in tried if each["call"] == "the calls after this one"] == [
        "person",
        "node",
    ]
    assert branches(world) == ["main"]


def test_a_github_that_does_not_answer_could_not_be_told(world: World) -> None:
    world.line.lose_request("GET /app")
    code, tried = check()
    assert (code, tried[0]["result"]) == (2, "not told")


@pytest.mark.parametrize("repo", [NODE_REPO, CODE_REPO, CODE_REPO.upper()])
def test_a_repository_that_lockgate_looks_after_is_refused(repo: str, tokens: list[str]) -> None:
    Project.objects.create(name="heart_study", code_repo=CODE_REPO)
    with pytest.raises(CommandError, match="registered with Lockgate") as refused:
        check(*tokens, repo=repo)
    assert refused.value.returncode == 1


def test_the_table_tells_call_purpose_result_and_what_to_do(world: World) -> None:
    out = StringIO()
    with contextlib.suppress(SystemExit):
        call_command("check_github", "--repository", SCRATCH, stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0].split("  ")[0] == "Result"
    assert any(line.startswith("works") and "GET /app" in line and "who the App is" in line for line in lines)
    assert any(line.startswith("skipped") and "Give --person-env NAME" in line for line in lines)
