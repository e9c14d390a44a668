"""`manage.py check_github`: proves a GitHub with a scratch repository, and leaves it as it was."""

from __future__ import annotations

import contextlib
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from governance.models import Project, Team
from tests.governance.seed import CODE_REPO, NODE_REPO, ORGANIZATION
from tests.governance.world import World, served
from tests.standin_actions.ears import listening
from tests.trial.arrange import SCRATCH, begins, check, fill, listen, of

pytestmark = pytest.mark.django_db
MAINTAINERS = f"{ORGANIZATION}/maintainers"


def branches(world: World) -> list[str]:
    return [each["name"] for each in world.api("GET", f"/repos/{SCRATCH}/branches", as_="maintainer")]


def rules(world: World) -> dict[str, Any]:
    """How the scratch repository may be merged into, and its rulesets."""
    shown = world.api("GET", f"/repos/{SCRATCH}", as_="maintainer")
    listed = world.api("GET", f"/repos/{SCRATCH}/rulesets", as_="maintainer")
    return {"rulesets": listed} | {name: shown[name] for name in shown if name.startswith("allow_")}


def test_every_call_works_and_nothing_is_left_behind(world: World, tokens: list[str]) -> None:
    before = rules(world)
    code, tried = check(*tokens)
    assert (code, of(tried, "refused"), of(tried, "not told")) == (0, [], [])
    skipped = [each["group"] for each in tried if each["result"] == "skipped"]
    assert skipped == ["app", "sign-in", "sign-in"], "no team is known, and nobody sits at a browser"
    by = {each["call"]: each["group"] for each in tried}
    assert by["PUT /repos/{owner}/{repo}/pulls/{number}/update-branch"] == "app"
    assert by["PUT /repos/{owner}/{repo}/pulls/{number}/merge"] == "person"
    assert (branches(world), rules(world)) == (["main"], before)
    pulls = world.api("GET", f"/repos/{SCRATCH}/pulls?state=all", as_="maintainer")
    assert {each["state"] for each in pulls} == {"closed"}
    assert [each["merged_at"] is not None for each in pulls].count(True) == 1
    (head,) = {each["sha"] for each in world.api("GET", f"/repos/{SCRATCH}/commits", as_="maintainer")}
    assert (
        world.api("GET", f"/repos/{SCRATCH}/commits/{head}/check-runs", as_="maintainer")["total_count"] == 1
    )


def test_without_tokens_the_groups_are_skipped_aloud(world: World) -> None:
    _, tried = check()
    assert of(tried, "refused") == []
    skipped = {each["group"]: each["advice"] for each in tried if each["result"] == "skipped"}
    assert skipped.keys() == {"app", "person", "sign-in", "administrator", "node"}
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


def test_an_event_is_read_though_it_arrived(tmp_path: Path) -> None:
    given = begins()
    with listening() as ear, served(tmp_path, given | {"apps": heard_by(ear.url, given)}) as world:
        fill(world)
        ear.wait("push")
        wire = listen(world)
        _, tried = check()
        asked = {each.call for each in wire.asked()}
    (read,) = [each["result"] for each in tried if each["call"] == "GET /app/hook/deliveries/{id}"]
    assert read == "works"
    assert "GET /app/hook/deliveries/{}" in asked


def heard_by(url: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    return [app | {"webhook_url": url} for app in given["apps"]]


def test_what_there_is_nothing_to_try_on_is_skipped(tmp_path: Path, tokens: list[str]) -> None:
    with served(tmp_path, begins(events=())) as world:
        fill(world)
        code, tried = check(*tokens[tokens.index("--node-app-id") :])
    skipped = {each["call"]: each["advice"] for each in tried if each["result"] == "skipped"}
    assert (code, of(tried, "refused")) == (0, [])
    assert "Push to a repository" in skipped["GET /app/hook/deliveries/{id}"]
    assert "Push to a repository" in skipped["POST /app/hook/deliveries/{id}/attempts"]
    (merged,) = [advice for call, advice in skipped.items() if call.endswith("pullRequest.mergeCommit")]
    assert "Give --person-env NAME" in merged


def test_what_was_made_is_taken_away_where_a_later_call_fails(world: World, tokens: list[str]) -> None:
    only = {"allow_squash_merge": False, "allow_rebase_merge": False}
    world.api("PATCH", f"/repos/{SCRATCH}", as_="maintainer", body=only)
    before = rules(world)
    world.line.lose_request("POST /git/blobs", f"POST /repos/{SCRATCH}/pulls")
    code, tried = check(*tokens)
    assert code == 2
    assert [each["group"] for each in tried if each["call"] == "the calls after this one"] == [
        "person",
        "node",
    ]
    assert (branches(world), rules(world)) == (["main"], before)


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
    assert "POST /app/installations/{id}/access_tokens" in map(str.strip, lines), "each call has a line"
