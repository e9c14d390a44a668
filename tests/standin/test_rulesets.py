"""Rulesets: branches of a pattern are left to those who are named, whatever way others try."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from standins.github.rulesets import matches
from tests.standin.rules import app, body, govern, team
from tests.standin.seeded import FULL_NAME, HERE, NODE_APP, PORTAL_APP
from tests.standin.world import World, commit, git, refused

RESULTS = "refs/heads/results/**/*"
BRANCH = "results/one/north/abc"


def main_of(world: World) -> str:
    return str(world.person("researcher").git.get_ref(*HERE, "heads/main").parsed_data.object_.sha)


@pytest.fixture
def governed(world: World) -> World:
    """`results/**` is the node's App's alone, and has a branch of its making."""
    govern(world, RESULTS, bypass_actors=[app()])
    world.installation(NODE_APP).git.create_ref(*HERE, ref=f"refs/heads/{BRANCH}", sha=main_of(world))
    return world


@pytest.mark.parametrize("login", ["researcher", "controller", "maintainer"])
def test_nobody_but_the_app_pushes_to_its_branches(governed: World, login: str) -> None:
    clone = governed.clone(login)
    commit(clone, {"new.txt": "fresh\n"})
    said = git(clone, "push", "origin", "main:results/two/north/abc", fails=True)
    assert "GH013: Repository rule violations found for refs/heads/results/two/north/abc." in said
    assert "Cannot create ref due to creations being restricted." in said
    assert "Cannot update this protected ref." in git(clone, "push", "origin", f"main:{BRANCH}", fails=True)
    assert "Cannot delete this protected ref." in git(clone, "push", "origin", f":{BRANCH}", fails=True)
    git(clone, "push", "-q", "origin", "main:request/two")


def test_nobody_but_the_app_moves_them_by_the_api(governed: World) -> None:
    sha = governed.branch("request/two", {"new.txt": "fresh\n"})
    content = base64.b64encode(b"fresh\n").decode()
    file = {"message": "Add", "content": content, "branch": BRANCH}
    for rest in (governed.person("maintainer"), governed.installation(PORTAL_APP)):
        acts = [
            lambda rest=rest: rest.git.create_ref(*HERE, ref="refs/heads/results/two/north/x", sha=sha),
            lambda rest=rest: rest.git.update_ref(*HERE, f"heads/{BRANCH}", sha=sha),
            lambda rest=rest: rest.git.delete_ref(*HERE, f"heads/{BRANCH}"),
            lambda rest=rest: rest.repos.merge(*HERE, base=BRANCH, head="request/two"),
        ]
        for act in acts:
            answer = refused(act)
            assert answer.status_code == 422
            assert answer.json()["message"].startswith("Repository rule violations found")
        put = refused(lambda rest=rest: rest.repos.create_or_update_file_contents(*HERE, "x.txt", data=file))
        assert put.status_code == 409
    assert governed.activity_of(BRANCH)[0].activity_type == "branch_creation"


def test_nobody_but_the_app_commits_to_them_by_graphql(governed: World) -> None:
    query = """mutation ($input: CreateCommitOnBranchInput!) {
        createCommitOnBranch(input: $input) { commit { oid } } }"""
    given = {
        "branch": {"repositoryNameWithOwner": FULL_NAME, "branchName": BRANCH},
        "expectedHeadOid": main_of(governed),
        "message": {"headline": "Add"},
        "fileChanges": {"additions": [{"path": "x.txt", "contents": base64.b64encode(b"x").decode()}]},
    }
    asked = {"query": query, "variables": {"input": given}}
    said = governed.http("maintainer").post("/api/graphql", json=asked).json()
    assert "Cannot update this protected ref." in said["errors"][0]["message"]
    token = {"authorization": f"Bearer {governed.installation_token(NODE_APP)}"}
    assert "errors" not in governed.http(headers=token).post("/api/graphql", json=asked).json()


def test_a_pull_request_to_such_a_branch_is_merged_by_nobody_else(governed: World) -> None:
    governed.branch("change", {"new.txt": "fresh\n"})
    rest = governed.person("researcher").pulls
    pull = rest.create(*HERE, title="In", head="change", base=BRANCH).parsed_data
    answer = refused(lambda: governed.person("maintainer").pulls.merge(*HERE, pull.number))
    assert (answer.status_code, "Cannot update this protected ref." in answer.text) == (405, True)
    assert governed.installation(NODE_APP).pulls.merge(*HERE, pull.number).parsed_data.merged


def test_the_app_pushes_and_deletes_its_own_branches(governed: World) -> None:
    clone = governed.clone("researcher")
    commit(clone, {"results/one/north/manifest.yaml": "version: 1\n"})
    remote = governed.remote(governed.installation_token(NODE_APP))
    git(clone, "push", "-q", remote, f"main:{BRANCH}")
    git(clone, "push", "-q", remote, f":{BRANCH}")
    assert git(clone, "ls-remote", remote, f"refs/heads/{BRANCH}") == ""


def test_a_person_who_acts_through_the_app_is_the_person(governed: World) -> None:
    rest = governed.token(governed.user_token("researcher", NODE_APP)).git
    sha = main_of(governed)
    act = lambda: rest.create_ref(*HERE, ref="refs/heads/results/x/north/y", sha=sha)  # noqa: E731
    assert refused(act).status_code == 422


def test_a_branch_of_one_name_can_be_left_to_one_app(world: World) -> None:
    govern(world, "refs/heads/lockgate/decisions", bypass_actors=[app(PORTAL_APP)])
    sha, name = main_of(world), "refs/heads/lockgate/decisions"
    assert (
        refused(lambda: world.person("maintainer").git.create_ref(*HERE, ref=name, sha=sha)).status_code
        == 422
    )
    world.installation(PORTAL_APP).git.create_ref(*HERE, ref=name, sha=sha)


def test_a_team_stands_above_the_rules_for_pull_requests_alone_if_so_said(world: World) -> None:
    above = team(world, "heart-controllers", mode="pull_request")
    govern(world, "~DEFAULT_BRANCH", rules=[{"type": "update"}], bypass_actors=[above])
    clone = world.clone("controller")
    commit(clone, {"new.txt": "fresh\n"})
    assert "Cannot update" in git(clone, "push", "origin", "main", fails=True)
    pull = world.pull("change", {"new.txt": "fresh\n"})
    assert refused(lambda: world.person("maintainer").pulls.merge(*HERE, pull.number)).status_code == 405
    assert world.person("controller").pulls.merge(*HERE, pull.number).parsed_data.merged


def test_only_force_pushes_are_stopped_where_only_they_are_named(world: World) -> None:
    govern(world, "refs/heads/kept", rules=[{"type": "non_fast_forward"}])
    world.branch("kept", {"one.txt": "1\n"})
    clone = world.clone("researcher", "-b", "kept")
    commit(clone, {"two.txt": "2\n"})
    git(clone, "push", "-q", "origin", "kept")
    git(clone, "commit", "-q", "--amend", "-m", "Otherwise")
    assert "Cannot force-push" in git(clone, "push", "--force", "origin", "kept", fails=True)


@pytest.mark.parametrize("enforcement", ["disabled", "evaluate"])
def test_a_ruleset_that_is_not_active_stops_nothing(world: World, enforcement: str) -> None:
    govern(world, "~ALL", enforcement=enforcement)
    assert world.branch("results/a/b/c", {"new.txt": "fresh\n"})
    assert world.person("researcher").repos.get_branch_rules(*HERE, "results/a/b/c").parsed_data == []


def test_the_rules_of_a_branch_are_told_before_there_is_one(governed: World) -> None:
    found = governed.person("researcher").repos.get_branch_rules(*HERE, "results/none/yet").parsed_data
    assert [one.type for one in found] == ["creation", "update", "deletion", "non_fast_forward"]
    assert {(one.ruleset_source_type, one.ruleset_source) for one in found} == {("Repository", FULL_NAME)}
    assert governed.person("researcher").repos.get_branch_rules(*HERE, "request/x").parsed_data == []


def test_only_who_could_change_a_ruleset_sees_who_stands_above_it(governed: World) -> None:
    (listed,) = governed.person("researcher").repos.get_repo_rulesets(*HERE).parsed_data
    said = {}
    for name, rest in {
        "maintainer": governed.person("maintainer"),
        "researcher": governed.person("researcher"),
        "portal": governed.installation(PORTAL_APP),
        "node": governed.installation(NODE_APP),
    }.items():
        found = rest.repos.get_repo_ruleset(*HERE, listed.id).json()
        said[name] = (found.get("bypass_actors"), found["current_user_can_bypass"])
    assert said == {
        "maintainer": ([app()], "never"),
        "researcher": (None, "never"),
        "portal": (None, "never"),
        "node": (None, "always"),
    }


def test_a_ruleset_is_changed_in_what_is_said_and_deleted(governed: World) -> None:
    rest = governed.person("maintainer").repos
    (listed,) = rest.get_repo_rulesets(*HERE).parsed_data
    changed = rest.update_repo_ruleset(*HERE, listed.id, data={"enforcement": "disabled"}).parsed_data
    assert (changed.enforcement, len(changed.rules), changed.name) == ("disabled", 4, "results")
    for login in ("researcher", "controller"):
        other = governed.person(login).repos
        assert refused(lambda other=other: other.delete_repo_ruleset(*HERE, listed.id)).status_code == 403
    assert rest.delete_repo_ruleset(*HERE, listed.id).status_code == 204
    assert refused(lambda: rest.get_repo_ruleset(*HERE, listed.id)).status_code == 404


@pytest.mark.asks_too_much
@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"enforcement": "sometimes"}, 422),
        ({"bypass_actors": [app(999)]}, 422),
        ({"rules": [{"type": "required_signatures"}]}, 501),
        ({"rules": [{"type": "required_status_checks", "parameters": {}}]}, 422),
        ({"rules": [{"type": "pull_request", "parameters": {}}]}, 422),
        ({"target": "push"}, 501),
    ],
)
def test_a_ruleset_that_makes_no_sense_or_is_not_held_is_refused(
    world: World, said: dict[str, Any], status: int
) -> None:
    data = {**body(RESULTS), **said}
    answer = world.http("maintainer").post(f"/api/v3/repos/{FULL_NAME}/rulesets", json=data)
    assert answer.status_code == status
    assert world.person("maintainer").repos.get_repo_rulesets(*HERE).parsed_data == []


def test_a_name_is_given_once(governed: World) -> None:
    assert refused(lambda: govern(governed, "~ALL")).status_code == 422


@pytest.mark.parametrize(
    ("pattern", "name", "matched"),
    [
        ("results/**/*", "results/one", True),
        ("results/**/*", "results/one/north/abc", True),
        ("results/**/*", "result/one", False),
        ("results/*", "results/one/north", False),
        ("results/**", "results/one/north", False),
        ("release-[0-9]", "release-7", True),
        ("release-?", "release-10", False),
        ("a.b", "axb", False),
    ],
)
def test_patterns_are_those_of_fnmatch(pattern: str, name: str, matched: bool) -> None:
    assert matches(f"refs/heads/{pattern}", f"refs/heads/{name}") is matched
