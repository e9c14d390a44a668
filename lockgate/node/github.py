"""The node's own GitHub App: tokens of its installations, and the few things the node writes.

Reading what GitHub says of a merge is `lockgate.evidence`; this adapter holds what only the node may do.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from lockgate.errors import LockgateError
from lockgate.evidence import GitHubDenied, GitHubMissing, GitHubMoved, GitHubRefused, GitHubUnavailable
from lockgate.github import AppKey, api_headers, rest_url

RENEW_BEFORE = timedelta(minutes=10)


@dataclass(frozen=True)
class Token:
    """An installation token; the value is left out of the repr."""

    value: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True)
class Repository:
    id: int
    default_branch: str


@dataclass(frozen=True)
class PullRequest:
    number: int
    state: str
    head_ref: str
    head_sha: str
    author: int
    merged: bool


class NodeApp:
    """Calls as the node's App. Every method raises the errors of `lockgate.evidence`."""

    def __init__(self, github_url: str, app_id: int, private_key: str) -> None:
        self._key = AppKey(app_id, private_key)
        self._http = httpx.Client(base_url=rest_url(github_url), timeout=20, headers=api_headers(github_url))
        self._tokens: dict[tuple[str, tuple[tuple[str, str], ...]], Token] = {}
        self._installations: dict[str, int] = {}

    def close(self) -> None:
        self._http.close()

    def token(self, repository: str, permissions: Mapping[str, str] | None = None) -> Token:
        """A token for this repository alone, narrowed to `permissions`; kept until near its end."""
        key = (repository, tuple(sorted((permissions or {}).items())))
        cached = self._tokens.get(key)
        if cached is None or cached.expires_at - datetime.now(UTC) < RENEW_BEFORE:
            cached = self._tokens[key] = self._mint(repository, permissions)
        return cached

    def forget_tokens(self) -> None:
        """Mint anew at the next call: GitHub may have withdrawn a token before its time."""
        self._tokens.clear()

    def repository(self, name: str) -> Repository:
        found = self._as_node(name, "GET", f"/repos/{name}")
        return Repository(found["id"], found["default_branch"])

    def commit(self, repository: str, parent: str, files: Mapping[str, bytes], message: str) -> str:
        """Store a commit of `files` upon `parent`; nothing refers to it yet. Returns its SHA."""
        base = self._as_node(repository, "GET", f"/repos/{repository}/git/commits/{parent}")
        entries = [
            {"path": path, "mode": "100644", "type": "blob", "sha": self._blob(repository, content)}
            for path, content in sorted(files.items())
        ]
        tree = self._as_node(
            repository,
            "POST",
            f"/repos/{repository}/git/trees",
            {"base_tree": base["tree"]["sha"], "tree": entries},
        )
        commit = {"message": message, "tree": tree["sha"], "parents": [parent]}
        made = self._as_node(repository, "POST", f"/repos/{repository}/git/commits", commit)
        return str(made["sha"])

    def branch(self, repository: str, name: str) -> str | None:
        """The head of a branch, or None where there is none."""
        try:
            found = self._as_node(repository, "GET", f"/repos/{repository}/git/ref/heads/{name}")
        except GitHubMissing:
            return None
        return str(found["object"]["sha"])

    def create_branch(self, repository: str, name: str, sha: str) -> None:
        self._as_node(
            repository, "POST", f"/repos/{repository}/git/refs", {"ref": f"refs/heads/{name}", "sha": sha}
        )

    def pull_requests_of(self, repository: str, branch: str) -> tuple[PullRequest, ...]:
        """The pull requests, open or not, of this branch of the repository itself; newest first."""
        owner = repository.split("/")[0]
        found = self._as_node(
            repository,
            "GET",
            f"/repos/{repository}/pulls",
            params={"head": f"{owner}:{branch}", "state": "all", "sort": "created", "direction": "desc"},
        )
        return tuple(each for each in map(_pull_request, found) if each.head_ref == branch)

    def open_pull_request(
        self, repository: str, *, head: str, base: str, title: str, body: str
    ) -> PullRequest:
        wanted = {"head": head, "base": base, "title": title, "body": body}
        return _pull_request(self._as_node(repository, "POST", f"/repos/{repository}/pulls", wanted))

    def close_pull_request(self, repository: str, number: int) -> None:
        self._as_node(repository, "PATCH", f"/repos/{repository}/pulls/{number}", {"state": "closed"})

    def _blob(self, repository: str, content: bytes) -> str:
        wanted = {"content": base64.b64encode(content).decode(), "encoding": "base64"}
        return str(self._as_node(repository, "POST", f"/repos/{repository}/git/blobs", wanted)["sha"])

    def _mint(self, repository: str, permissions: Mapping[str, str] | None) -> Token:
        installation = self._installation(repository)
        wanted: dict[str, Any] = {"repositories": [repository.split("/")[1]]}
        if permissions:
            wanted["permissions"] = dict(permissions)
        try:
            made = self._call(
                "POST", f"/app/installations/{installation}/access_tokens", self._key.jwt(), json=wanted
            )
        except GitHubMissing:
            self._installations.pop(repository, None)
            raise
        return Token(made["token"], datetime.fromisoformat(made["expires_at"]))

    def _installation(self, repository: str) -> int:
        if repository not in self._installations:
            found = self._call("GET", f"/repos/{repository}/installation", self._key.jwt())
            self._installations[repository] = int(found["id"])
        return self._installations[repository]

    def _as_node(
        self,
        repository: str,
        method: str,
        path: str,
        json: Any = None,
        params: Mapping[str, str] | None = None,
    ) -> Any:
        try:
            return self._call(method, path, self.token(repository).value, json=json, params=params)
        except GitHubDenied:
            self.forget_tokens()
            raise

    def _call(
        self,
        method: str,
        path: str,
        bearer: str,
        *,
        json: Any = None,
        params: Mapping[str, str] | None = None,
    ) -> Any:
        headers = {"Authorization": f"Bearer {bearer}"}
        try:
            response = self._http.request(method, path, headers=headers, json=json, params=params)
        except httpx.HTTPError as problem:
            raise GitHubUnavailable("GitHub did not answer.") from problem
        if response.is_success:
            return response.json()
        raise _problem(method, path, response)


def _problem(method: str, path: str, response: httpx.Response) -> LockgateError:
    said = f"GitHub answered {response.status_code} to {method} {path}: {_message(response)}"
    limited = response.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in response.headers
    if response.status_code >= 500 or response.status_code == 429 or limited:
        return GitHubUnavailable(said)
    if response.is_redirect:
        return GitHubMoved(path)
    if response.status_code in (401, 403):
        return GitHubDenied(said, next_step="Check the permissions of the node's App.")
    if response.status_code in (404, 410):
        return GitHubMissing(said)
    return GitHubRefused(said)


def _message(response: httpx.Response) -> str:
    try:
        return str(response.json().get("message", ""))[:200]
    except (ValueError, AttributeError):
        return ""


def _pull_request(found: Mapping[str, Any]) -> PullRequest:
    return PullRequest(
        number=found["number"],
        state=found["state"],
        head_ref=found["head"]["ref"],
        head_sha=found["head"]["sha"],
        author=found["user"]["id"],
        merged=bool(found.get("merged_at")),
    )
