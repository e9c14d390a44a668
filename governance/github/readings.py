"""From GitHub's answers to readings."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from governance.github.port import (
    GHOST,
    Account,
    CheckReading,
    CommentReading,
    Glance,
    Overview,
    PullRequestReading,
    RepositoryReading,
    RequiredCheckReading,
    ReviewReading,
)
from governance.github.queries import SUITES_MARKED


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
        checks_mark=_mark(said["commits"]["nodes"], head),
    )


def _base(said: dict[str, Any]) -> str:
    """The base's tip of an open one, for `baseRefOid` is as old as the last push; else that for good."""
    tip = said["baseRef"] if said["state"] == "OPEN" else None
    return str(tip["target"]["oid"] if tip else said["baseRefOid"])


def read_glance(said: dict[str, Any]) -> Glance:
    """With the mark of its checks where the answer holds their suites."""
    head = said["headRefOid"]
    mark = _mark(said["commits"]["nodes"], head) if "commits" in said else None
    return Glance(said["number"], said["state"].lower(), head, _time(said["updatedAt"]), mark)


def read_repository(said: dict[str, Any]) -> RepositoryReading:
    main = said["defaultBranchRef"]
    return RepositoryReading(
        id=said["databaseId"],
        name=said["nameWithOwner"],
        default_branch=main["name"],
        main_sha=main["target"]["oid"],
        required=_required(main["branchProtectionRule"]),
    )


def _required(rule: dict[str, Any] | None) -> tuple[RequiredCheckReading, ...] | None:
    if rule is None:
        return None
    checks = rule["requiredStatusChecks"] or ()
    return tuple(
        RequiredCheckReading(each["context"], each["app"]["databaseId"] if each["app"] else None)
        for each in checks
    )


def read_overview(said: dict[str, Any]) -> Overview:
    pulls = said["pullRequests"]
    recent = tuple(read_glance(each) for each in pulls["nodes"])
    return Overview(read_repository(said), recent, pulls["pageInfo"]["hasNextPage"])


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
    suites = _suites(commits, head)
    return tuple(_check(run, suite["app"]) for suite in suites for run in suite["checkRuns"]["nodes"])


def _mark(commits: list[dict[str, Any]], head: str) -> str:
    """A short text that changes whenever a check suite of the head does."""
    names = ("databaseId", "status", "conclusion", "updatedAt")
    suites = [[suite[name] for name in names] for suite in _suites(commits, head)[:SUITES_MARKED]]
    return hashlib.sha256(json.dumps(suites).encode()).hexdigest()[:32]


def _suites(commits: list[dict[str, Any]], head: str) -> list[dict[str, Any]]:
    return [
        suite
        for node in commits
        if node["commit"]["oid"] == head
        for suite in (node["commit"]["checkSuites"] or {"nodes": []})["nodes"]
    ]


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
