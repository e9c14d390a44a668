"""GraphQL in GitHub's own types: what Lockgate asks is answered, everything else is an error."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from githubkit import GitHub
from githubkit.exception import GraphQLFailed

from governance.github import queries, readings
from tests.standin.world import (
    FULL_NAME,
    ORGANIZATION,
    PERSONAL,
    PORTAL_APP,
    REPOSITORY,
    World,
    git,
)

PLACE = {"owner": ORGANIZATION, "name": REPOSITORY}
START = "query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) "


def ask(world: World, query: str, login: str = "researcher", **variables: Any) -> Any:
    client: GitHub[Any] = world.client(PERSONAL[login])
    return client.graphql(query, {**PLACE, **variables})


def within(world: World, selection: str, login: str = "researcher") -> Any:
    """The answer for a selection of the repository."""
    return ask(world, f"{START} {{ {selection} }} }}", login)["repository"]


def refused(world: World, query: str, login: str = "researcher", **variables: Any) -> list[Any]:
    with pytest.raises(GraphQLFailed) as failed:
        ask(world, query, login, **variables)
    return list(failed.value.response.errors or [])


def commit_on(world: World, branch: str, expected: str, login: str = "researcher", **changes: Any) -> Any:
    given = {
        "branch": {"repositoryNameWithOwner": FULL_NAME, "branchName": branch},
        "expectedHeadOid": expected,
        "message": {"headline": "Add files", "body": "Because"},
        "fileChanges": changes,
    }
    return (
        world.http(login)
        .post("/api/graphql", json={"query": queries.COMMIT, "variables": {"input": given}})
        .json()
    )


def added(path: str, text: str) -> dict[str, str]:
    return {"path": path, "contents": base64.b64encode(text.encode()).decode()}


def test_the_portals_reading_of_a_merged_pull_request(world: World) -> None:
    pull = world.pull("feature", {"a.txt": "a"})
    place = (ORGANIZATION, REPOSITORY, pull.number)
    world.person("researcher").issues.create_comment(*place, body="Please look")
    controller = world.person("controller").pulls
    controller.create_review(*place, commit_id=pull.head.sha, event="APPROVE", body="Good")
    world.installation(PORTAL_APP).checks.create(
        ORGANIZATION,
        REPOSITORY,
        name="lockgate/policy",
        head_sha=pull.head.sha,
        conclusion="success",
        output={"title": "Approved", "summary": "All rules hold."},
    )
    merge = controller.merge(*place, sha=pull.head.sha).parsed_data.sha

    said = ask(world, queries.ONE, number=pull.number)["repository"]["pullRequest"]

    read = readings.read_pull_request(said)
    assert (read.state, read.head_sha, read.merge_sha, read.author.id) == (
        "merged",
        pull.head.sha,
        merge,
        1001,
    )
    assert read.merged_by is not None
    assert read.merged_by.id == 1003
    assert read.head_repository == FULL_NAME
    assert [(one.author.id, one.state, one.head_sha) for one in read.reviews] == [
        (1003, "approved", pull.head.sha)
    ]
    assert [one.body for one in read.comments] == ["Please look"]
    (check,) = read.checks
    assert (check.name, check.app_id, check.conclusion) == ("lockgate/policy", PORTAL_APP, "success")
    assert check.summary == "All rules hold."


def test_a_bot_is_named_without_its_ending_and_with_its_number(world: World) -> None:
    world.branch("feature", {"a.txt": "a"})
    app = world.installation(PORTAL_APP)
    app.pulls.create(ORGANIZATION, REPOSITORY, title="By the App", head="feature", base="main")

    said = within(world, f"pullRequests(first: 1) {{ nodes {{ author {{ {queries.ACTOR} }} }} }}")

    author = said["pullRequests"]["nodes"][0]["author"]
    assert author == {"__typename": "Bot", "login": "lockgate", "databaseId": 4001}


def test_pages_of_pull_requests_join_without_gap_or_overlap(world: World) -> None:
    numbers = [world.pull(f"branch-{n}", {f"{n}.txt": "x"}).number for n in range(3)]
    world.person("researcher").pulls.update(ORGANIZATION, REPOSITORY, numbers[0], title="Newest")
    query = (
        "query($owner: String!, $name: String!, $after: String) { repository(owner: $owner, name: $name) {"
        " pullRequests(first: 2, after: $after, states: [OPEN],"
        " orderBy: {field: UPDATED_AT, direction: DESC}) {"
        " totalCount nodes { number } pageInfo { hasNextPage endCursor } } } }"
    )

    first = ask(world, query)["repository"]["pullRequests"]
    second = ask(world, query, after=first["pageInfo"]["endCursor"])["repository"]["pullRequests"]

    got = [one["number"] for page in (first, second) for one in page["nodes"]]
    assert sorted(got) == numbers
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    assert second["pageInfo"]["hasNextPage"] is False


def test_commits_authors_files_and_parents_come_from_git(world: World) -> None:
    base = git(world.clone("researcher"), "rev-parse", "HEAD")
    pull = world.pull("feature", {"new.txt": "1\n2\n", "README.md": "changed\n"})

    said = within(
        world,
        "pullRequests(first: 1) { nodes { additions changedFiles mergeable"
        " files(first: 10) { nodes { path changeType additions deletions } }"
        " commits(first: 10) { totalCount nodes { commit { oid message author { email user { databaseId } }"
        " committer { user { databaseId } } authors(first: 5) { nodes { user { databaseId } } }"
        " parents(first: 5) { nodes { oid } } } } } } }",
    )["pullRequests"]["nodes"][0]

    assert said["mergeable"] == "MERGEABLE"
    assert [(file["path"], file["changeType"]) for file in said["files"]["nodes"]] == [
        ("README.md", "MODIFIED"),
        ("new.txt", "ADDED"),
    ]
    (node,) = said["commits"]["nodes"]
    assert node["commit"]["oid"] == pull.head.sha
    assert node["commit"]["author"] == {"email": "researcher@example.org", "user": {"databaseId": 1001}}
    assert node["commit"]["authors"]["nodes"] == [{"user": {"databaseId": 1001}}]
    assert node["commit"]["parents"]["nodes"] == [{"oid": base}]


def test_objects_and_refs_are_read_by_expression(world: World) -> None:
    said = within(
        world,
        'file: object(expression: "main:README.md") { ... on Blob { text byteSize isBinary } }'
        ' folder: object(expression: "main:data") { ... on Tree { entries { name type path } } }'
        ' tip: object(expression: "main") { __typename oid }'
        ' nothing: object(expression: "main:absent") { oid }'
        ' ref(qualifiedName: "refs/heads/main") { name target { oid } }'
        " defaultBranchRef { name target { oid } } databaseId",
    )

    assert said["file"] == {"text": "# Heart study\n", "byteSize": 14, "isBinary": False}
    assert said["folder"]["entries"] == [{"name": "numbers.txt", "type": "blob", "path": "data/numbers.txt"}]
    assert said["nothing"] is None
    assert said["tip"]["__typename"] == "Commit"
    assert said["ref"]["target"]["oid"] == said["defaultBranchRef"]["target"]["oid"] == said["tip"]["oid"]


def test_one_call_commits_several_files_in_the_name_of_the_tokens_owner(world: World) -> None:
    head = world.branch("request/one", {"old.txt": "old"})

    said = commit_on(
        world,
        "request/one",
        head,
        additions=[added("jobs/a.yaml", "version: 1\n"), added("b.txt", "b")],
        deletions=[{"path": "old.txt"}],
    )

    made = said["data"]["createCommitOnBranch"]["commit"]["oid"]
    clone = world.clone("researcher", "-b", "request/one")
    assert git(clone, "rev-parse", "HEAD", "HEAD^").split() == [made, head]
    assert git(clone, "show", "--format=", "--name-status", "HEAD").split("\n") == [
        "A\tb.txt",
        "A\tjobs/a.yaml",
        "D\told.txt",
    ]
    (activity,) = (
        world.http("maintainer")
        .get(f"/api/v3/repos/{FULL_NAME}/activity", params={"ref": "refs/heads/request/one", "per_page": 1})
        .json()
    )
    assert (activity["after"], activity["actor"]["id"]) == (made, 1001)


def test_a_commit_onto_a_moved_branch_changes_nothing(world: World) -> None:
    old = git(world.clone("researcher"), "rev-parse", "HEAD")
    head = world.branch("request/one", {"x.txt": "x"})

    (error,) = commit_on(world, "request/one", old, additions=[added("a.txt", "a")])["errors"]

    assert error["type"] == "STALE_DATA"
    assert git(world.clone("researcher", "-b", "request/one"), "rev-parse", "HEAD") == head


def test_protection_refuses_the_commit_as_it_refuses_a_push(world: World) -> None:
    head = git(world.clone("researcher"), "rev-parse", "HEAD")
    world.person("maintainer").repos.update_branch_protection(
        ORGANIZATION,
        REPOSITORY,
        "main",
        required_status_checks=None,
        enforce_admins=True,
        required_pull_request_reviews={"required_approving_review_count": 0},
        restrictions=None,
    )

    (error,) = commit_on(world, "main", head, login="maintainer", additions=[added("a.txt", "a")])["errors"]

    assert error["type"] == "BRANCH_PROTECTION_RULE_VIOLATION"
    assert "pull request" in error["message"]
    assert git(world.clone("researcher"), "rev-parse", "HEAD") == head


@pytest.mark.parametrize("path", ["../up", "/etc/x", ".git/config", "a//b", "a/./b"])
def test_a_path_that_leaves_the_repository_is_refused(world: World, path: str) -> None:
    head = world.branch("request/one", {"x.txt": "x"})

    (error,) = commit_on(world, "request/one", head, additions=[added(path, "a")])["errors"]

    assert error["type"] == "UNPROCESSABLE"


def test_who_may_not_write_commits_nothing(world: World) -> None:
    head = world.branch("request/one", {"x.txt": "x"})

    (error,) = commit_on(world, "request/one", head, login="outsider", additions=[added("a", "a")])["errors"]

    assert error["type"] == "NOT_FOUND"


def test_a_ref_is_created_once(world: World) -> None:
    said = within(world, "id defaultBranchRef { target { oid } }")
    query = "mutation($input: CreateRefInput!) { createRef(input: $input) { ref { name } } }"
    tip = said["defaultBranchRef"]["target"]["oid"]
    given = {"repositoryId": said["id"], "name": "refs/heads/new", "oid": tip}

    assert ask(world, query, input=given)["createRef"]["ref"]["name"] == "new"
    (error,) = refused(world, query, input=given)
    assert "already exists" in error.message


def test_a_thing_is_found_again_by_its_node_id(world: World) -> None:
    pull = world.pull("feature", {"a.txt": "a"})
    query = "query($id: ID!) { node(id: $id) { __typename id ... on PullRequest { number } } }"

    said = world.client(PERSONAL["researcher"]).graphql(query, {"id": pull.node_id})

    assert said["node"] == {"__typename": "PullRequest", "id": pull.node_id, "number": pull.number}
    with pytest.raises(GraphQLFailed):
        world.client(PERSONAL["outsider"]).graphql(query, {"id": pull.node_id})


def test_an_unknown_field_is_an_error_and_never_null(world: World) -> None:
    (error,) = refused(world, START + "{ stargazerCount } }")

    assert "Cannot query field 'stargazerCount' on type 'Repository'" in error.message


def test_a_stranger_sees_no_repository(world: World) -> None:
    (error,) = refused(world, queries.REPOSITORY, login="outsider")

    assert "Could not resolve to a Repository" in error.message


def test_a_list_without_bounds_is_refused(world: World) -> None:
    errors = refused(world, START + "{ pullRequests { nodes { number } } } }")
    assert "`first` or `last`" in errors[0].message

    errors = refused(world, START + "{ pullRequests(first: 101) { nodes { number } } } }")
    assert "exceeds the limit of 100" in errors[0].message


def test_nobody_is_not_answered(world: World) -> None:
    assert world.http().post("/api/graphql", json={"query": "{ rateLimit { cost } }"}).status_code == 401


def test_the_rate_limit_is_told(world: World) -> None:
    said = world.client(PERSONAL["researcher"]).graphql("{ rateLimit { cost remaining resetAt } }")

    assert said["rateLimit"]["cost"] == 1
