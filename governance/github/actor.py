"""Acts on GitHub with one person's own token."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

from governance.github import queries
from governance.github.connection import Connection
from governance.github.errors import GitHubNotFound


class PersonActor:
    """`event` of a review is APPROVE or REQUEST_CHANGES; ids returned are GitHub's numeric ones."""

    def __init__(self, connection: Connection, token: str) -> None:
        self._connection = connection
        self._token = token

    def branch_head(self, repo: str, branch: str) -> str | None:
        try:
            said = self._call("GET", f"/repos/{repo}/git/ref/heads/{quote(branch)}")
        except GitHubNotFound:
            return None
        return str(said["object"]["sha"])

    def read_file(self, repo: str, branch: str, path: str) -> bytes | None:
        try:
            said = self._connection.call(
                "GET", f"/repos/{repo}/contents/{quote(path)}", token=self._token, params={"ref": branch}
            )
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
        said = self._connection.graphql(queries.COMMIT, {"input": change}, token=self._token, write=True)
        return str(said["createCommitOnBranch"]["commit"]["oid"])

    def find_pull_request(self, repo: str, branch: str) -> int | None:
        """The newest pull request from this branch of the same repository, whatever its state."""
        owner = repo.partition("/")[0]
        params = {"head": f"{owner}:{branch}", "state": "all"}
        said = list(self._connection.pages(f"/repos/{repo}/pulls", token=self._token, params=params))
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

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        return self._connection.call(method, path, token=self._token, body=body)
