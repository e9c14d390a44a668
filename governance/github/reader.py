"""Reads GitHub with the App's installation token. Retries once with a new token where the old one ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

from governance.github import queries
from governance.github.connection import Connection
from governance.github.errors import GitHubNotFound, GitHubUnavailable, SignInAgain
from governance.github.installation import Installations
from governance.github.port import (
    Account,
    Glance,
    NewCheck,
    PullRequestReading,
    RepositoryReading,
    RequiredCheckReading,
)

Answer = TypeVar("Answer")


class AppReader:
    def __init__(self, connection: Connection, installations: Installations) -> None:
        self._connection = connection
        self._installations = installations
        self._app_account: Account | None = None

    def git_token(self, repo: str) -> str:
        return self._installations.token(_owner(repo))

    def repository(self, repo: str) -> RepositoryReading:
        said = self._graphql(repo, queries.REPOSITORY)["repository"]
        if said is None or said["defaultBranchRef"] is None:
            raise GitHubNotFound(f"GitHub does not show {repo} to Lockgate's App, or it is empty.")
        main = said["defaultBranchRef"]
        return RepositoryReading(
            said["databaseId"], said["nameWithOwner"], main["name"], main["target"]["oid"]
        )

    def open_pull_requests(self, repo: str) -> tuple[PullRequestReading, ...]:
        found: list[PullRequestReading] = []
        after: str | None = None
        while True:
            page = self._graphql(repo, queries.OPEN, after=after)["repository"]["pullRequests"]
            found += [queries.read_pull_request(each) for each in page["nodes"]]
            if not page["pageInfo"]["hasNextPage"]:
                return tuple(found)
            after = page["pageInfo"]["endCursor"]

    def recent(self, repo: str) -> tuple[Glance, ...]:
        """The fifty pull requests that changed last, whatever their state."""
        said = self._graphql(repo, queries.RECENT)["repository"]["pullRequests"]
        return tuple(queries.read_glance(each) for each in said["nodes"])

    def pull_request(self, repo: str, number: int) -> PullRequestReading | None:
        try:
            said = self._graphql(repo, queries.ONE, number=number)["repository"]["pullRequest"]
        except GitHubNotFound:
            return None
        return queries.read_pull_request(said) if said else None

    def commit_authors(self, repo: str, number: int) -> tuple[Account | None, ...]:
        """Who wrote the commits, each once; None for an address that GitHub has no account for."""
        said = self._pages(repo, f"/repos/{repo}/pulls/{number}/commits")
        return tuple(dict.fromkeys(_account(each["author"]) for each in said))

    def pushers(self, repo: str, branch: str) -> tuple[Account | None, ...]:
        """Who ever moved this branch, each once; None for somebody whom GitHub does not name."""
        said = self._pages(repo, f"/repos/{repo}/activity", ref=f"refs/heads/{branch}")
        return tuple(dict.fromkeys(_account(each["actor"]) for each in said))

    def team_members(self, team: str) -> tuple[Account, ...]:
        organization, _, slug = team.partition("/")
        said = self._pages(team, f"/orgs/{organization}/teams/{slug}/members")
        return tuple(account for each in said if (account := _account(each)))

    def required_checks(self, repo: str, branch: str) -> tuple[RequiredCheckReading, ...] | None:
        """What protection of the branch requires; None where it is not protected."""
        try:
            said = self._call(repo, "GET", f"/repos/{repo}/branches/{quote(branch, safe='')}/protection")
        except GitHubNotFound:
            return None
        checks = (said.get("required_status_checks") or {}).get("checks") or ()
        return tuple(RequiredCheckReading(each["context"], _pinned(each.get("app_id"))) for each in checks)

    def app_account(self) -> Account:
        """The App's own bot account."""
        if self._app_account is None:
            slug = self._installations.app()["slug"]
            owner = self._installations.app()["owner"]["login"]
            said = self._call(owner, "GET", f"/users/{quote(slug + '[bot]', safe='')}")
            self._app_account = Account(said["id"], said["login"], is_bot=True)
        return self._app_account

    def post_check(self, repo: str, check: NewCheck) -> int:
        """Post a check run with the installation token; returns its id."""
        body: dict[str, Any] = {
            "name": check.name,
            "head_sha": check.head_sha,
            "status": check.status,
            "external_id": check.external_id,
            "details_url": check.details_url,
            "output": {"title": check.title, "summary": check.summary},
        }
        if check.conclusion:
            body["conclusion"] = check.conclusion
        return int(self._call(repo, "POST", f"/repos/{repo}/check-runs", body=body)["id"])

    def _call(self, repo: str, method: str, path: str, **arguments: Any) -> Any:
        return self._with_token(
            repo, lambda token: self._connection.call(method, path, token=token, **arguments)
        )

    def _pages(self, repo: str, path: str, **params: Any) -> list[Any]:
        return self._with_token(
            repo, lambda token: list(self._connection.pages(path, token=token, params=params))
        )

    def _graphql(self, repo: str, query: str, **more: Any) -> Any:
        variables = queries.variables(repo, **more)
        return self._with_token(repo, lambda token: self._connection.graphql(query, variables, token=token))

    def _with_token(self, repo: str, ask: Callable[[str], Answer]) -> Answer:
        owner = _owner(repo)
        try:
            return ask(self._installations.token(owner))
        except SignInAgain:
            self._installations.forget(owner)
        try:
            return ask(self._installations.token(owner))
        except SignInAgain as error:
            raise GitHubUnavailable("GitHub does not accept Lockgate's App.") from error


def _owner(repo: str) -> str:
    return repo.partition("/")[0]


def _account(said: dict[str, Any] | None) -> Account | None:
    if not said or not said.get("id"):
        return None
    return Account(said["id"], said["login"], said.get("type") == "Bot", said.get("name") or "")


def _pinned(app_id: int | None) -> int | None:
    """GitHub writes "any source" as null or -1."""
    return app_id if app_id and app_id > 0 else None
