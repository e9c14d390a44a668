"""What GitHub says of a merge, read with a read-only token into small facts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import httpx

from lockgate.evidence.client import GitHubClient, Token
from lockgate.evidence.errors import GitHubUnreadable
from lockgate.evidence.merge import PolicyRun, PullRequest


class GitHubReader:
    """Reads one repository, `owner/name`. Only GET is ever sent."""

    def __init__(
        self,
        github_url: str,
        token: Token,
        repository: str,
        *,
        timeout: float = 15,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._client = GitHubClient(github_url, token, timeout=timeout, transport=transport)
        self._at = f"/repos/{repository}"
        self.repository = repository

    def close(self) -> None:
        self._client.close()

    def default_branch(self) -> str:
        return str(_need(self._client.get(self._at), "default_branch", str))

    def pull_requests_of(self, commit: str) -> tuple[PullRequest, ...]:
        """The pull requests that GitHub associates with this commit, of any state and base."""
        return tuple(_pull_request(each) for each in self._client.pages(f"{self._at}/commits/{commit}/pulls"))

    def policy_runs(self, head: str, name: str) -> tuple[PolicyRun, ...]:
        """Every check run of this name on this head, by whatever App, older ones included."""
        path = f"{self._at}/commits/{head}/check-runs"
        runs = self._client.pages(path, key="check_runs", check_name=name, filter="all")
        return tuple(_policy_run(each) for each in runs)


def _pull_request(value: Any) -> PullRequest:
    base, head = _need(value, "base", dict), _need(value, "head", dict)
    repository = _need(base, "repo", dict)
    return PullRequest(
        number=_need(value, "number", int),
        author=_need(_need(value, "user", dict), "id", int),
        base_repository=_need(repository, "full_name", str),
        base_ref=_need(base, "ref", str),
        head=_need(head, "sha", str),
        merged=_need(value, "merged_at", str, type(None)) is not None,
        merge=_need(value, "merge_commit_sha", str, type(None)),
    )


def _policy_run(value: Any) -> PolicyRun:
    app = _need(value, "app", dict, type(None))
    return PolicyRun(
        id=_need(value, "id", int),
        name=_need(value, "name", str),
        app_id=None if app is None else _need(app, "id", int),
        head=_need(value, "head_sha", str),
        conclusion=_need(value, "conclusion", str, type(None)),
    )


def _need(value: Any, name: str, *shapes: type) -> Any:
    if not isinstance(value, dict) or name not in value or not isinstance(value[name], _either(shapes)):
        raise GitHubUnreadable(f"GitHub's answer does not tell {name!r}.")
    return value[name]


def _either(shapes: Iterable[type]) -> tuple[type, ...]:
    return tuple(shapes)
