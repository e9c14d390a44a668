"""`/repos/{owner}/{repo}/branches`, and merging one branch into another."""

from __future__ import annotations

from starlette.responses import Response

from standins.github.clock import now
from standins.github.errors import ApiError, not_found
from standins.github.protection import protection_of
from standins.github.rest.call import Call, answer, endpoint, no_content
from standins.github.rest.gitdata import move, readable, writable
from standins.github.serialisers.branches import short_branch
from standins.github.serialisers.commits import commit as write_commit
from standins.github.serialisers.protection import protection as write_protection
from standins.github.serialisers.protection import protection_url
from standins.github.serialisers.repositories import repository_url
from standins.github.signatures import signature_of
from standins.github.store import Repository
from standins.github.updates import Move

HEADS = "refs/heads/"


def list_branches(call: Call) -> Response:
    repository = readable(call)
    only = call.query("protected")
    found = [(name.removeprefix(HEADS), sha) for name, sha in call.git(repository).refs(HEADS).items()]
    if only:
        found = [one for one in found if _protected(call, repository, one[0]) == (only == "true")]
    return call.page(found, lambda one: short_branch(call.site, repository, *one))


def _protected(call: Call, repository: Repository, branch: str) -> bool:
    return protection_of(call.site, repository, branch) is not None


def get_branch(call: Call) -> Response:
    repository, branch = readable(call), call.path["branch"]
    sha = call.git(repository).ref(HEADS + branch)
    if sha is None:
        raise ApiError(404, "Branch not found")
    row = protection_of(call.site, repository, branch)
    settings = write_protection(call.site, repository, row) if row else {}
    checks = settings.get("required_status_checks", {"contexts": [], "checks": []})
    shown = {**checks, "enforcement_level": "non_admins" if row else "off"}
    url = f"{repository_url(call.site, repository)}/branches/{branch}"
    html = f"{call.site.url}/{call.site.full_name(repository)}/tree/{branch}"
    return answer(
        {
            "name": branch,
            "commit": write_commit(call.site, repository, sha),
            "_links": {"html": html, "self": url},
            "protected": row is not None,
            "protection": {"enabled": row is not None, "required_status_checks": shown},
            "protection_url": protection_url(call.site, repository, branch),
        }
    )


def merge_branches(call: Call) -> Response:
    """`POST /merges`: merges `head` into the branch `base`; 204 where there is nothing to merge."""
    repository = writable(call)
    git, branch = call.git(repository), call.field("base", str)
    with call.site.lock(repository):
        base, head = git.ref(HEADS + branch), git.resolve(call.field("head", str))
        if base is None or head is None:
            raise not_found()
        if git.is_ancestor(head, base):
            return no_content()
        message = call.field("commit_message", str, f"Merge {call.json['head']} into {branch}")
        commit = merge_commit(call, repository, base, head, message)
    move(call, repository, Move(HEADS + branch, base, commit))
    return answer(write_commit(call.site, repository, commit), 201)


def merge_commit(call: Call, repository: Repository, base: str, head: str, message: str) -> str:
    """A commit, on no branch yet, that merges `head` into `base`; 409 where they conflict."""
    git = call.git(repository)
    tree = git.try_merge(base, head).tree
    if tree is None:
        raise ApiError(409, "Merge conflict")
    author = signature_of(call.person(), now())
    return git.write_commit(tree, [base, head], message, author, author)


_BRANCHES = "/repos/{owner}/{repo}/branches"
ROUTES = [
    endpoint("GET", _BRANCHES, list_branches),
    endpoint("POST", "/repos/{owner}/{repo}/merges", merge_branches),
]
LAST_ROUTES = [endpoint("GET", f"{_BRANCHES}/{{branch:path}}", get_branch)]
