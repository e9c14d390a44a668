"""Writes files with the App's installation token, to a branch that is the App's own."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from governance.github import queries
from governance.github.errors import GitHubNotFound
from governance.github.reader import AppReader


class AppWriter(AppReader):
    """Every write is bound to the head that it was meant for: a lost race is an error, and no write."""

    def branch_head(self, repo: str, branch: str) -> str | None:
        try:
            said = self._rest(repo, "GET", f"git/ref/heads/{quote(branch)}")
        except GitHubNotFound:
            return None
        return str(said["object"]["sha"])

    def file_blob(self, repo: str, revision: str, path: str) -> str | None:
        """The id of the file's blob at a commit; None where there is no file."""
        try:
            said = self._rest(repo, "GET", f"contents/{quote(path)}", params={"ref": revision})
        except GitHubNotFound:
            return None
        return str(said["sha"])

    def begin_branch(self, repo: str, branch: str, files: Mapping[str, bytes], message: str) -> str:
        """A new branch with a history of its own: one commit without parents; returns it."""
        entries = [
            {"path": path, "mode": "100644", "type": "blob", "content": data.decode()}
            for path, data in files.items()
        ]
        tree = self._post(repo, "trees", {"tree": entries})["sha"]
        commit = str(self._post(repo, "commits", {"message": message, "tree": tree, "parents": []})["sha"])
        self._post(repo, "refs", {"ref": f"refs/heads/{branch}", "sha": commit})
        return commit

    def commit_files(
        self, repo: str, branch: str, head: str, files: Mapping[str, bytes], message: str
    ) -> str:
        """One commit with these files, only if the branch still stands at `head`; returns the commit."""
        additions = [
            {"path": path, "contents": base64.b64encode(data).decode()} for path, data in files.items()
        ]
        change = {
            "branch": {"repositoryNameWithOwner": repo, "branchName": branch},
            "expectedHeadOid": head,
            "message": {"headline": message},
            "fileChanges": {"additions": additions},
        }
        owner = repo.partition("/")[0]
        said = self._asking.graphql(owner, queries.COMMIT, write=True, input=change)
        return str(said["createCommitOnBranch"]["commit"]["oid"])

    def _post(self, repo: str, what: str, body: dict[str, Any]) -> Any:
        return self._rest(repo, "POST", f"git/{what}", body=body)

    def _rest(self, repo: str, method: str, path: str, **more: Any) -> Any:
        return self._asking.call(repo.partition("/")[0], method, f"/repos/{repo}/{path}", **more)
