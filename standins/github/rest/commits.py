"""`/repos/{owner}/{repo}/commits`, `/compare`: history."""

from __future__ import annotations

from starlette.responses import Response

from standins.github.diffs import differ, differ_of_commit, mailbox
from standins.github.errors import ApiError, not_found
from standins.github.rest.call import Call, answer, endpoint, media
from standins.github.rest.gitdata import readable
from standins.github.serialisers.commits import commit as write_commit
from standins.github.serialisers.commits import file_change
from standins.github.serialisers.pulls import simple_pull
from standins.github.serialisers.repositories import repository_url
from standins.github.store import PullRequest, Repository


def list_commits(call: Call) -> Response:
    repository = readable(call)
    git = call.git(repository)
    start = git.resolve(call.query("sha") or repository.default_branch)
    if start is None:
        raise ApiError(409, "Git Repository is empty.") if not git.refs("refs/heads/") else not_found()
    path = ["--", call.query("path")] if call.query("path") else []
    return call.page(
        git.run("rev-list", start, *path).split(), lambda sha: write_commit(call.site, repository, sha)
    )


def get_commit(call: Call) -> Response:
    repository = readable(call)
    sha = _resolved(call, repository, call.path["ref"])
    difference = differ_of_commit(call.git(repository), sha)
    accept = call.request.headers.get("accept", "")
    if "diff" in accept:
        return media("diff", difference.text)
    if "sha" in accept:
        return media("sha", sha)
    return answer(write_commit(call.site, repository, sha, difference))


def pulls_of_commit(call: Call) -> Response:
    """Pull requests that have the commit: as their head, within them, or as their merge."""
    repository = call.repository("pull_requests", "read", "pull")
    sha = _resolved(call, repository, call.path["sha"])
    git = call.git(repository)
    pulls = call.site.store.find(PullRequest, repository_id=repository.id, newest_first=True)
    found = [
        pull
        for pull in pulls
        if sha in (pull.head_sha, pull.merge_commit_sha)
        or (git.is_ancestor(sha, pull.head_sha) and not git.is_ancestor(sha, pull.base_sha))
    ]
    return call.page(found, lambda pull: simple_pull(call.site, repository, pull))


def compare(call: Call) -> Response:
    """What `head` has since it left `base`: commits by the page, up to 300 files on the first."""
    repository = readable(call)
    base_name, dots, head_name = call.path["basehead"].partition("...")
    if not dots:
        raise not_found()
    git = call.git(repository)
    base, head = (git.resolve(_local(name)) for name in (base_name, head_name))
    if base is None or head is None:
        raise not_found()
    middle = git.merge_base(base, head)
    if middle is None:
        raise ApiError(404, f"No common ancestor between {base_name} and {head_name}.")
    difference = differ(git, middle, head)
    accept = call.request.headers.get("accept", "")
    if "diff" in accept:
        return media("diff", difference.text)
    if "patch" in accept:
        return media("patch", mailbox(git, middle, head))
    ahead, behind = git.commits_between(base, head), git.commits_between(head, base)
    shown, links = call.window(ahead, size=250)
    files = [file_change(call.site, repository, head, one) for one in difference.files[:300]]
    return answer(
        {
            **_addresses(call, repository),
            "base_commit": write_commit(call.site, repository, base),
            "merge_base_commit": write_commit(call.site, repository, middle),
            "status": _status(len(ahead), len(behind)),
            "ahead_by": len(ahead),
            "behind_by": len(behind),
            "total_commits": len(ahead),
            "commits": [write_commit(call.site, repository, sha) for sha in shown],
            **({"files": files} if call.query("page", "1") == "1" else {}),
        },
        headers=links,
    )


def _addresses(call: Call, repository: Repository) -> dict[str, str]:
    html = f"{call.site.url}/{call.site.full_name(repository)}/compare/{call.path['basehead']}"
    return {
        "url": f"{repository_url(call.site, repository)}/compare/{call.path['basehead']}",
        "html_url": html,
        "permalink_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
    }


def _status(ahead: int, behind: int) -> str:
    if ahead and behind:
        return "diverged"
    return "ahead" if ahead else "behind" if behind else "identical"


def _resolved(call: Call, repository: Repository, rev: str) -> str:
    sha = call.git(repository).resolve(_local(rev))
    if sha is None:
        raise ApiError(422, f"No commit found for SHA: {rev}")
    return sha


def _local(rev: str) -> str:
    """Without the owner that may stand before a branch."""
    return rev.removeprefix("heads/").rpartition(":")[2]


_COMMITS = "/repos/{owner}/{repo}/commits"
ROUTES = [
    endpoint("GET", _COMMITS, list_commits),
    endpoint("GET", f"{_COMMITS}/{{sha}}/pulls", pulls_of_commit),
    endpoint("GET", "/repos/{owner}/{repo}/compare/{basehead:path}", compare),
]
LAST_ROUTES = [endpoint("GET", f"{_COMMITS}/{{ref:path}}", get_commit)]
