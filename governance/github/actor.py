"""Acts on GitHub with one person's own token."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from governance.github import queries
from governance.github.connection import Connection
from governance.github.errors import GitHubNotFound, SignInAgain

Answer = TypeVar("Answer")


class PersonActor:
    """`event` of a review is APPROVE or REQUEST_CHANGES; ids returned are GitHub's numeric ones."""

    def __init__(self, connection: Connection, token: str, another: Callable[[str], str]) -> None:
        """`another` gives a token instead of a refused one; what was refused was not done."""
        self._connection = connection
        self._token = token
        self._another = another

    def branch_head(self, repo: str, branch: str) -> str | None:
        try:
            said = self._call("GET", f"/repos/{repo}/git/ref/heads/{quote(branch)}")
        except GitHubNotFound:
            return None
        return str(said["object"]["sha"])

    def read_file(self, repo: str, branch: str, path: str) -> bytes | None:
        try:
            said = self._call("GET", f"/repos/{repo}/contents/{quote(path)}", params={"ref": branch})
        except GitHubNotFound:
            return None
        return base64.b64decode(said["content"])

    def create_branch(self, repo: str, branch: str, sha: str) -> None:
        self._call("POST", f"/repos/{repo}/git/refs", {"ref": f"refs/heads/{branch}", "sha": sha})

    def commit_file(self, repo: str, branch: str, head: str, path: str, data: bytes, message: str) -> str:
        """One commit that adds the file, only if the branch still stands at `head`; returns the commit."""
        change = {
            "branch": {"repositoryNameWithOwner": repo, "branchName": branch},
            "expectedHeadOid": head,
            "message": {"headline": message},
            "fileChanges": {"additions": [{"path": path, "contents": base64.b64encode(data).decode()}]},
        }
        said = self._with_token(
            lambda token: self._connection.graphql(queries.COMMIT, {"input": change}, token=token, write=True)
        )
        return str(said["createCommitOnBranch"]["commit"]["oid"])

    def find_pull_request(self, repo: str, branch: str) -> int | None:
        """The newest pull request from this branch of the same repository, whatever its state."""
        owner = repo.partition("/")[0]
        params = {"head": f"{owner}:{branch}", "state": "all"}
        said = self._with_token(
            lambda token: list(self._connection.pages(f"/repos/{repo}/pulls", token=token, params=params))
        )
        return max((int(each["number"]) for each in said), default=None)

    def open_pull_request(self, repo: str, branch: str, base: str, title: str, body: str) -> int:
        said = self._call(
            "POST", f"/repos/{repo}/pulls", {"title": title, "head": branch, "base": base, "body": body}
        )
        return int(said["number"])

    def review(self, repo: str, number: int, head: str, event: str, body: str) -> int:
        said = self._call(
            "POST",
            f"/repos/{repo}/pulls/{number}/reviews",
            {"commit_id": head, "event": event, "body": body},
        )
        return int(said["id"])

    def comment(self, repo: str, number: int, body: str) -> int:
        return int(self._call("POST", f"/repos/{repo}/issues/{number}/comments", {"body": body})["id"])

    def merge(self, repo: str, number: int, head: str, title: str) -> str:
        """A merge commit, only if the head is still `head`; returns its SHA."""
        body = {"sha": head, "merge_method": "merge", "commit_title": title}
        return str(self._call("PUT", f"/repos/{repo}/pulls/{number}/merge", body)["sha"])

    def close(self, repo: str, number: int) -> None:
        self._call("PATCH", f"/repos/{repo}/pulls/{number}", {"state": "closed"})

    def _call(self, method: str, path: str, body: Any = None, params: Mapping[str, Any] | None = None) -> Any:
        return self._with_token(
            lambda token: self._connection.call(method, path, token=token, body=body, params=params)
        )

    def _with_token(self, ask: Callable[[str], Answer]) -> Answer:
        try:
            return ask(self._token)
        except SignInAgain:
            self._token = self._another(self._token)
        return ask(self._token)
