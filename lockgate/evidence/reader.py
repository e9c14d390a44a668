"""What GitHub says of a merge, read with a read-only token into small facts."""

from __future__ import annotations

from typing import Any, Self

import httpx

from lockgate.evidence.client import GitHubClient, Token
from lockgate.evidence.errors import GitHubUnreadable
from lockgate.evidence.merge import PolicyRun, PullRequest

_MERGE_COMMIT = """
query ($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) { mergeCommit { oid } } }
}
"""


class GitHubReader:
    """Reads one repository, `owner/name`; nothing is ever written."""

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

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def default_branch(self) -> str:
        return str(_need(self._client.get(self._at), "default_branch", str))

    def pull_requests_of(self, commit: str) -> tuple[PullRequest, ...]:
        """The pull requests that GitHub associates with this commit, of any state and base."""
        pages = self._client.pages(f"{self._at}/commits/{commit}/pulls")
        return tuple(self._pull_request(each) for each in pages)

    def policy_runs(self, head: str, name: str) -> tuple[PolicyRun, ...]:
        """Every check run of this name on this head, by whatever App, older ones included."""
        path = f"{self._at}/commits/{head}/check-runs"
        runs = self._client.pages(path, key="check_runs", check_name=name, filter="all")
        return tuple(_policy_run(each) for each in runs)

    def _pull_request(self, value: Any) -> PullRequest:
        base, head = _need(value, "base", dict), _need(value, "head", dict)
        number = _need(value, "number", int)
        merged = _need(value, "merged_at", str, type(None)) is not None
        return PullRequest(
            number=number,
            author=_need(_need(value, "user", dict), "id", int),
            base_repository=_need(_need(base, "repo", dict), "full_name", str),
            base_ref=_need(base, "ref", str),
            head=_need(head, "sha", str),
            merged=merged,
            merge=self._merge_commit(number) if merged else None,
        )

    def _merge_commit(self, number: int) -> str | None:
        """The commit that merged a pull request; REST does not tell it."""
        owner, _, name = self.repository.partition("/")
        data = self._client.query(_MERGE_COMMIT, owner=owner, name=name, number=number)
        pull_request = _need(_need(data, "repository", dict), "pullRequest", dict)
        commit = _need(pull_request, "mergeCommit", dict, type(None))
        return None if commit is None else str(_need(commit, "oid", str))


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
    if not isinstance(value, dict) or name not in value or not isinstance(value[name], shapes):
        raise GitHubUnreadable(f"GitHub's answer does not tell {name!r}.")
    return value[name]
