"""`/repos/{owner}/{repo}/pulls`: pull requests, their files and commits, merging."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from standins.github.diffs import differ, mailbox
from standins.github.errors import ApiError, invalid, not_found
from standins.github.pulls.merging import MergeOrder, merge_pull
from standins.github.pulls.methods import METHODS
from standins.github.pulls.opening import Proposal, edit_pull, open_pull
from standins.github.rest.branches import HEADS, merge_commit
from standins.github.rest.call import Call, answer, endpoint, media, no_content
from standins.github.rest.gitdata import move
from standins.github.serialisers.commits import commit as write_commit
from standins.github.serialisers.commits import file_change
from standins.github.serialisers.pulls import full_pull, simple_pull, span
from standins.github.store import PullRequest, Repository
from standins.github.updates import Move

_FIELDS = {"created": "created_at", "updated": "updated_at"}


def pull_of(call: Call, repository: Repository) -> PullRequest:
    """The pull request that the path numbers; 404 where there is none."""
    number = call.number("number")
    found = call.site.store.first(PullRequest, repository_id=repository.id, number=number)
    if found is None:
        raise not_found()
    return found


def readable(call: Call) -> tuple[Repository, PullRequest]:
    repository = call.repository("pull_requests", "read", "pull")
    return repository, pull_of(call, repository)


def list_pulls(call: Call) -> Response:
    repository = call.repository("pull_requests", "read", "pull")
    state, head, base = call.query("state", "open"), call.query("head"), call.query("base")
    rows = call.site.store.find(PullRequest, repository_id=repository.id)
    owner = call.site.account(repository.owner_id).login
    rows = [
        row
        for row in rows
        if state in ("all", row.state)
        and head in ("", f"{owner}:{row.head_ref}")
        and base in ("", row.base_ref)
    ]
    sort = _FIELDS.get(call.query("sort"), "created_at")
    descending = call.query("direction", "desc" if sort == "created_at" else "asc") == "desc"
    rows.sort(key=lambda row: (getattr(row, sort), row.number), reverse=descending)
    return call.page(rows, lambda row: simple_pull(call.site, repository, row))


def create_pull(call: Call) -> Response:
    repository = call.repository("pull_requests", "write", "pull")
    call.person()
    owner = call.site.account(repository.owner_id).login
    fork, colon, branch = call.field("head", str).rpartition(":")
    if colon and fork.lower() != owner.lower():
        raise invalid("Validation Failed", {"resource": "PullRequest", "field": "head", "code": "invalid"})
    proposal = Proposal(
        call.field("title", str),
        call.json.get("body"),
        branch,
        call.field("base", str),
        call.field("draft", bool, False),
    )
    pull = open_pull(call.site, repository, call.principal, proposal)
    return answer(full_pull(call.site, repository, pull), 201)


def get_pull(call: Call) -> Response:
    repository, pull = readable(call)
    accept = call.request.headers.get("accept", "")
    if "diff" in accept:
        return media("diff", differ(call.git(repository), *span(call.site, repository, pull)).text)
    if "patch" in accept:
        return media("patch", mailbox(call.git(repository), *span(call.site, repository, pull)))
    return answer(full_pull(call.site, repository, pull))


def update_pull(call: Call) -> Response:
    repository = call.repository("pull_requests", "write", "pull")
    pull = pull_of(call, repository)
    if call.person().id != pull.author_id:
        call.repository("pull_requests", "write", "push")
    editable = ("title", "body", "base", "state")
    changes: dict[str, Any] = {name: call.json[name] for name in editable if name in call.json}
    pull = edit_pull(call.site, repository, call.principal, pull, changes)
    return answer(full_pull(call.site, repository, pull))


def list_files(call: Call) -> Response:
    repository, pull = readable(call)
    base, head = span(call.site, repository, pull)
    files = differ(call.git(repository), base, head).files
    return call.page(files, lambda one: file_change(call.site, repository, head, one))


def list_commits(call: Call) -> Response:
    repository, pull = readable(call)
    shas = call.git(repository).commits_between(*span(call.site, repository, pull))
    return call.page(shas, lambda sha: write_commit(call.site, repository, sha))


def is_merged(call: Call) -> Response:
    _, pull = readable(call)
    if pull.merged_at is None:
        raise not_found()
    return no_content()


def merge(call: Call) -> Response:
    repository = call.repository("contents", "write", "push")
    pull = pull_of(call, repository)
    call.person()
    method = call.field("merge_method", str, "merge")
    if method not in METHODS:
        raise invalid("Invalid merge method")
    order = MergeOrder(
        call.json.get("sha"), method, call.json.get("commit_title"), call.json.get("commit_message")
    )
    sha = merge_pull(call.site, repository, call.principal, pull, order)
    return answer({"sha": sha, "merged": True, "message": "Pull Request successfully merged"})


def update_branch(call: Call) -> Response:
    """Merges the base into the head's branch as the caller, whom protection and rules must let;
    `expected_head_sha` says what the head must be."""
    repository = call.repository("pull_requests", "write", "push")
    repository = call.repository("contents", "write", "push")
    pull = pull_of(call, repository)
    expected = call.json.get("expected_head_sha")
    if pull.state != "open" or (expected and expected != pull.head_sha):
        raise invalid("expected head sha didn't match current head ref.")
    git = call.git(repository)
    base = git.ref(HEADS + pull.base_ref) or pull.base_sha
    if git.is_ancestor(base, pull.head_sha):
        raise invalid("There are no new commits on the base branch.")
    try:
        message = f"Merge branch '{pull.base_ref}' into {pull.head_ref}"
        commit = merge_commit(call, repository, pull.head_sha, base, message)
    except ApiError as error:
        raise invalid("merge conflict between base and head") from error
    move(call, repository, Move(HEADS + pull.head_ref, pull.head_sha, commit))
    url = f"{call.site.url}/{call.site.full_name(repository)}/pull/{pull.number}"
    return answer({"message": "Updating pull request branch.", "url": url}, 202)


_PULLS = "/repos/{owner}/{repo}/pulls"
_PULL = f"{_PULLS}/{{number}}"
ROUTES = [
    endpoint("GET", _PULLS, list_pulls),
    endpoint("POST", _PULLS, create_pull),
    endpoint("GET", _PULL, get_pull),
    endpoint("PATCH", _PULL, update_pull),
    endpoint("GET", f"{_PULL}/files", list_files),
    endpoint("GET", f"{_PULL}/commits", list_commits),
    endpoint("GET", f"{_PULL}/merge", is_merged),
    endpoint("PUT", f"{_PULL}/merge", merge),
    endpoint("PUT", f"{_PULL}/update-branch", update_branch),
]
