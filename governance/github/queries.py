"""The GraphQL that Lockgate sends, and how its answers become readings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from governance.github.port import (
    GHOST,
    Account,
    CheckReading,
    CommentReading,
    Glance,
    PullRequestReading,
    ReviewReading,
)

ACTOR = "__typename login ... on User { databaseId name } ... on Bot { databaseId }"
PULL_REQUEST = f"""
  number id title body state isCrossRepository mergeable
  author {{ {ACTOR} }}
  headRefName headRefOid baseRefName baseRefOid baseRef {{ target {{ oid }} }}
  headRepository {{ nameWithOwner }}
  mergeCommit {{ oid }}
  mergedBy {{ {ACTOR} }}
  createdAt updatedAt mergedAt closedAt
  reviews(last: 100) {{ nodes {{
    databaseId state body submittedAt commit {{ oid }} author {{ {ACTOR} }} }} }}
  comments(last: 100) {{ nodes {{
    databaseId body createdAt updatedAt author {{ {ACTOR} }} }} }}
  commits(last: 1) {{ nodes {{ commit {{ oid
    checkSuites(first: 50) {{ nodes {{
      app {{ databaseId }}
      checkRuns(first: 50) {{ nodes {{
        databaseId name status conclusion summary detailsUrl startedAt completedAt }} }} }} }} }} }} }}
"""
ONE = f"""query($owner: String!, $name: String!, $number: Int!) {{
  repository(owner: $owner, name: $name) {{ pullRequest(number: $number) {{ {PULL_REQUEST} }} }} }}"""
OPEN = f"""query($owner: String!, $name: String!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    pullRequests(states: [OPEN], first: 25, after: $after, orderBy: {{field: CREATED_AT, direction: ASC}}) {{
      pageInfo {{ hasNextPage endCursor }} nodes {{ {PULL_REQUEST} }} }} }} }}"""
RECENT = """query($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    pullRequests(first: 50, orderBy: {field: UPDATED_AT, direction: DESC}) {
      nodes { number state headRefOid updatedAt } } } }"""
REPOSITORY = """query($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    databaseId nameWithOwner defaultBranchRef { name target { oid } } } }"""
COMMIT = """mutation($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } } }"""


def variables(repo: str, **more: Any) -> dict[str, Any]:
    owner, _, name = repo.partition("/")
    return {"owner": owner, "name": name, **more}


def read_pull_request(said: dict[str, Any]) -> PullRequestReading:
    head = said["headRefOid"]
    return PullRequestReading(
        number=said["number"],
        graphql_id=said["id"],
        title=said["title"],
        body=said["body"] or "",
        author=read_actor(said["author"]),
        head_repository=(said["headRepository"] or {}).get("nameWithOwner"),
        head_ref=said["headRefName"],
        head_sha=head,
        base_ref=said["baseRefName"],
        base_sha=_base(said),
        state=said["state"].lower(),
        mergeable={"MERGEABLE": True, "CONFLICTING": False}.get(said["mergeable"]),
        merge_sha=(said["mergeCommit"] or {}).get("oid") or "",
        merged_by=read_actor(said["mergedBy"]) if said["mergedBy"] else None,
        created_at=_time(said["createdAt"]),
        updated_at=_time(said["updatedAt"]),
        merged_at=_maybe(said["mergedAt"]),
        closed_at=_maybe(said["closedAt"]),
        reviews=tuple(_review(each) for each in said["reviews"]["nodes"] if each["submittedAt"]),
        comments=tuple(_comment(each) for each in said["comments"]["nodes"]),
        checks=_checks(said["commits"]["nodes"], head),
    )


def _base(said: dict[str, Any]) -> str:
    """The base's tip of an open one, for `baseRefOid` is as old as the last push; else that for good."""
    tip = said["baseRef"] if said["state"] == "OPEN" else None
    return str(tip["target"]["oid"] if tip else said["baseRefOid"])


def read_glance(said: dict[str, Any]) -> Glance:
    return Glance(said["number"], said["state"].lower(), said["headRefOid"], _time(said["updatedAt"]))


def read_actor(said: dict[str, Any] | None) -> Account:
    if said is None or not said.get("databaseId"):
        return Account(GHOST, "ghost")
    is_bot = said.get("__typename") == "Bot"
    login = said["login"]
    if is_bot and not login.endswith("[bot]"):
        login += "[bot]"  # GraphQL leaves the ending out that REST has
    return Account(said["databaseId"], login, is_bot, said.get("name") or "")


def _review(said: dict[str, Any]) -> ReviewReading:
    return ReviewReading(
        id=said["databaseId"],
        author=read_actor(said["author"]),
        state=said["state"].lower(),
        body=said["body"] or "",
        head_sha=(said["commit"] or {}).get("oid") or "",
        submitted_at=_time(said["submittedAt"]),
    )


def _comment(said: dict[str, Any]) -> CommentReading:
    return CommentReading(
        id=said["databaseId"],
        author=read_actor(said["author"]),
        body=said["body"] or "",
        created_at=_time(said["createdAt"]),
        updated_at=_time(said["updatedAt"]),
    )


def _checks(commits: list[dict[str, Any]], head: str) -> tuple[CheckReading, ...]:
    """The check runs of the head; none if the answer's last commit is another one."""
    suites = [
        suite
        for node in commits
        if node["commit"]["oid"] == head
        for suite in (node["commit"]["checkSuites"] or {"nodes": []})["nodes"]
    ]
    return tuple(_check(run, suite["app"]) for suite in suites for run in suite["checkRuns"]["nodes"])


def _check(run: dict[str, Any], app: dict[str, Any] | None) -> CheckReading:
    return CheckReading(
        id=run["databaseId"],
        name=run["name"],
        app_id=(app or {}).get("databaseId"),
        status=run["status"].lower(),
        conclusion=(run["conclusion"] or "").lower(),
        summary=run["summary"] or "",
        url=run["detailsUrl"] or "",
        started_at=_maybe(run["startedAt"]),
        completed_at=_maybe(run["completedAt"]),
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _maybe(text: str | None) -> datetime | None:
    return _time(text) if text else None
