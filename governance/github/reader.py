"""Reads GitHub with the App's installation token, and posts its checks."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any
from urllib.parse import quote

from governance.github import hook_deliveries, queries, readings
from governance.github.asking import Asking, in_batches, shrinking
from governance.github.connection import Connection
from governance.github.errors import GitHubNotFound, RateLimited
from governance.github.installation import Installations
from governance.github.port import (
    Account,
    Deliveries,
    Glance,
    History,
    NewCheck,
    Overview,
    PullRequestReading,
    RepositoryReading,
)
from governance.github.whole import whole
from lockgate.errors import LockgateError

logger = logging.getLogger(__name__)
GLANCES_AT_ONCE = 100  # of what is small: marks and teams


class AppReader:
    def __init__(self, connection: Connection, installations: Installations) -> None:
        self._connection = connection
        self._installations = installations
        self._asking = Asking(connection, installations)
        self._app_account: Account | None = None

    def git_token(self, repo: str) -> str:
        return self._installations.token(_owner(repo))

    def repository(self, repo: str) -> RepositoryReading:
        said = self._ask(repo, queries.REPOSITORY)["repository"]
        if said is None or said["defaultBranchRef"] is None:
            raise GitHubNotFound(f"GitHub does not show {repo} to Lockgate's App, or it is empty.")
        return readings.read_repository(said)

    def overviews(self, repos: Sequence[str]) -> Mapping[str, Overview]:
        """Repositories of one owner, many in one query, without those that are empty or not shown."""
        found: dict[str, Overview] = {}
        for batch in in_batches(repos, self._overviews):
            found |= batch
        return found

    def _overviews(self, repos: list[str]) -> dict[str, Overview]:
        owner = _owner(repos[0])
        names = queries.numbered("name", [repo.partition("/")[2] for repo in repos])
        said = self._asking.graphql(owner, queries.overviews(len(repos)), missing=True, owner=owner, **names)
        return {
            repo: readings.read_overview(one)
            for number, repo in enumerate(repos)
            if (one := said[f"r{number}"]) and one["defaultBranchRef"]
        }

    def updated(self, repo: str, since: datetime) -> tuple[Glance, ...]:
        """All pull requests that changed since then, however many; they come newest first."""
        found: list[Glance] = []
        after: str | None = None
        while True:
            page = self._ask(repo, queries.UPDATED, after=after)["repository"]["pullRequests"]
            glances = [readings.read_glance(each) for each in page["nodes"]]
            recent = [glance for glance in glances if glance.updated_at >= since]
            found += recent
            if len(recent) < len(glances) or not page["pageInfo"]["hasNextPage"]:
                return tuple(found)
            after = page["pageInfo"]["endCursor"]

    def marks(self, owner: str, ids: Sequence[str]) -> Mapping[str, Glance]:
        """Pull requests with the mark of their checks, by id."""
        found: dict[str, Glance] = {}
        for nodes in in_batches(ids, partial(self._nodes, owner, queries.MARKS), GLANCES_AT_ONCE):
            found |= {node["id"]: readings.read_glance(node) for node in nodes}
        return found

    def pull_request(self, repo: str, number: int) -> PullRequestReading | None:
        try:
            said = self._ask(repo, queries.ONE, number=number)["repository"]["pullRequest"]
        except GitHubNotFound:
            return None
        return self._whole(_owner(repo), said) if said else None

    def pull_requests(self, owner: str, ids: Sequence[str]) -> Mapping[str, PullRequestReading]:
        """Pull requests of one owner's repositories by id, without those that could not be read whole."""
        found: dict[str, PullRequestReading] = {}
        for nodes in in_batches(ids, partial(self._nodes, owner, queries.SEVERAL)):
            for node in nodes:
                with _or_without(node["id"]):
                    found[node["id"]] = self._whole(owner, node)
        return found

    def history(self, repo: str, after: str | None, size: int) -> History:
        said, size = shrinking(
            size, lambda most: self._ask(repo, queries.HISTORY, after=after, size=most)["repository"]
        )
        page = said["pullRequests"]
        found = tuple(self._whole(_owner(repo), each) for each in page["nodes"])
        end = page["pageInfo"]
        return History(found, end["endCursor"] if end["hasNextPage"] else None, size)

    def commit_authors(self, repo: str, number: int) -> tuple[Account | None, ...]:
        """Who wrote the commits, each once; None for an address that GitHub has no account for."""
        said = self._asking.pages(_owner(repo), f"/repos/{repo}/pulls/{number}/commits")
        return tuple(dict.fromkeys(_account(each["author"]) for each in said))

    def pushers(self, repo: str, branch: str) -> tuple[Account | None, ...]:
        """Who ever moved this branch, each once; None for somebody whom GitHub does not name."""
        said = self._asking.pages(_owner(repo), f"/repos/{repo}/activity", ref=f"refs/heads/{branch}")
        return tuple(dict.fromkeys(_account(each["actor"]) for each in said))

    def team_members(self, team: str) -> tuple[Account, ...]:
        organization, _, slug = team.partition("/")
        said = self._asking.pages(organization, f"/orgs/{organization}/teams/{slug}/members")
        return tuple(account for each in said if (account := _account(each)))

    def teams_members(self, paths: Sequence[str]) -> Mapping[str, tuple[Account, ...] | None]:
        """Who is in these teams, many in one query; None for a team that GitHub does not show."""
        found: dict[str, tuple[Account, ...] | None] = {}
        for organization, group in groupby(sorted(paths), _owner):
            slugs = [path.partition("/")[2] for path in group]
            for batch in in_batches(slugs, partial(self._teams, organization), GLANCES_AT_ONCE):
                found |= batch
        return found

    def _teams(self, organization: str, slugs: list[str]) -> dict[str, tuple[Account, ...] | None]:
        names = queries.numbered("slug", slugs)
        query = queries.teams(len(slugs))
        said = self._asking.graphql(organization, query, missing=True, organization=organization, **names)
        teams = said["organization"] or {}
        return {
            f"{organization}/{slug}": self._members(f"{organization}/{slug}", teams.get(f"t{number}"))
            for number, slug in enumerate(slugs)
        }

    def _members(self, path: str, team: dict[str, Any] | None) -> tuple[Account, ...] | None:
        if team is None:
            return None
        members = team["members"]
        if members["pageInfo"]["hasNextPage"]:
            return self.team_members(path)
        return tuple(readings.read_actor(each) for each in members["nodes"])

    def deliveries(self, since: datetime) -> Deliveries:
        return hook_deliveries.read(self._connection, self._installations, since)

    def redeliver(self, delivery: int) -> None:
        """Have GitHub try a delivery once more, under the same GUID."""
        hook_deliveries.redeliver(self._connection, self._installations, delivery)

    def app_account(self) -> Account:
        """The App's own bot account."""
        if self._app_account is None:
            app = self._installations.app()
            address = f"/users/{quote(app['slug'] + '[bot]', safe='')}"
            said = self._asking.call(app["owner"]["login"], "GET", address)
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
        return int(self._asking.call(_owner(repo), "POST", f"/repos/{repo}/check-runs", body=body)["id"])

    def find_check(self, repo: str, head: str, name: str, external_id: str) -> int | None:
        """The check run that was posted with this id of ours; None where GitHub has none."""
        query = {"check_name": name, "filter": "all", "per_page": 100}
        path = f"/repos/{repo}/commits/{head}/check-runs"
        said = self._asking.call(_owner(repo), "GET", path, params=query)
        found = (int(run["id"]) for run in said["check_runs"] if run["external_id"] == external_id)
        return next(found, None)

    def update_branch(self, repo: str, number: int, head: str) -> None:
        """Merge the base into the pull request's branch, only if its head is still `head`."""
        body = {"expected_head_sha": head}
        self._asking.call(_owner(repo), "PUT", f"/repos/{repo}/pulls/{number}/update-branch", body=body)

    def find_pull_request(self, repo: str, branch: str) -> int | None:
        """The newest pull request from this branch of the same repository, whatever its state."""
        owner = _owner(repo)
        said = self._asking.pages(owner, f"/repos/{repo}/pulls", head=f"{owner}:{branch}", state="all")
        return max((int(each["number"]) for each in said), default=None)

    def _ask(self, repo: str, query: str, **more: Any) -> Any:
        return self._asking.graphql(_owner(repo), query, **queries.variables(repo, **more))

    def _nodes(self, owner: str, query: str, ids: list[str]) -> list[dict[str, Any]]:
        """What GitHub shows of these; the rest is left out."""
        return [node for node in self._asking.graphql(owner, query, missing=True, ids=ids)["nodes"] if node]

    def _whole(self, owner: str, said: dict[str, Any]) -> PullRequestReading:
        return readings.read_pull_request(whole(self._asking, owner, said))


@contextmanager
def _or_without(pull_request: str) -> Iterator[None]:
    """One that GitHub cannot tell all of keeps none of the others from being read; a limit stops all."""
    try:
        yield
    except RateLimited:
        raise
    except LockgateError as error:
        logger.warning("Pull request %s could not be read whole: %s", pull_request, error)


def _owner(path: str) -> str:
    """The account before the slash of `owner/name` or `org/slug`."""
    return path.partition("/")[0]


def _account(said: dict[str, Any] | None) -> Account | None:
    if not said or not said.get("id"):
        return None
    return Account(said["id"], said["login"], said.get("type") == "Bot", said.get("name") or "")
