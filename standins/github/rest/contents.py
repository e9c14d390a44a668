"""`/repos/{owner}/{repo}/contents/{path}`: one file at a time."""

from __future__ import annotations

import base64
from typing import Any

import pygit2
from starlette.responses import Response

from standins.github.errors import ApiError, invalid, not_found
from standins.github.git import NotFound, RefMoved, Signature, TreeChange
from standins.github.reasons import Refused
from standins.github.rest.call import Call, answer, endpoint
from standins.github.rest.gitdata import decoded, readable, writable
from standins.github.serialisers.commits import git_commit
from standins.github.serialisers.repositories import repository_url
from standins.github.signatures import signature_of
from standins.github.store import Repository
from standins.github.updates import Move, move_ref

_KINDS = {0o040000: "dir", 0o120000: "symlink", 0o160000: "submodule"}


def get_contents(call: Call) -> Response:
    repository = readable(call)
    git, path = call.git(repository), call.path.get("path", "").strip("/")
    ref = call.query("ref") or repository.default_branch
    commit = git.resolve(ref)
    if commit is None:
        raise ApiError(404, f"No commit found for the ref {ref}")
    found = git.entry(commit, path)
    if isinstance(found, pygit2.Tree):
        entries = [_entry(call, repository, ref, f"{path}/{one.name}".strip("/"), one) for one in found]
        return answer(entries)
    data = git.read_blob(str(found.id))
    if "raw" in call.request.headers.get("accept", ""):
        return Response(data, media_type="application/vnd.github.raw")
    content = {"content": base64.encodebytes(data).decode(), "encoding": "base64"}
    return answer({**_entry(call, repository, ref, path, found), **content})


def _entry(call: Call, repository: Repository, ref: str, path: str, found: Any) -> dict[str, Any]:
    url, html = repository_url(call.site, repository), f"{call.site.url}/{call.site.full_name(repository)}"
    kind = _KINDS.get(int(found.filemode), "file") if path else "dir"
    own, git_url = f"{url}/contents/{path}?ref={ref}", f"{url}/git/{found.type_str}s/{found.id}"
    page = f"{html}/{found.type_str}/{ref}/{path}"
    return {
        "type": kind,
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": str(found.id),
        "size": found.size if kind == "file" else 0,
        "url": own,
        "html_url": page,
        "git_url": git_url,
        "download_url": f"{html}/raw/{ref}/{path}" if kind == "file" else None,
        "_links": {"self": own, "git": git_url, "html": page},
    }


def put_contents(call: Call) -> Response:
    """Creates or replaces a file; `sha` names the blob that is replaced."""
    repository = writable(call)
    path = call.path.get("path", "").strip("/")
    data = decoded(call.field("content", str), "base64")
    old = _replaced(call, repository, path)
    blob = call.git(repository).write_blob(data)
    commit = _commit(call, repository, TreeChange(path, blob))
    found = call.git(repository).entry(commit, path)
    content = _entry(call, repository, _branch(call, repository), path, found)
    written = git_commit(call.site, repository, commit)
    return answer({"content": content, "commit": written}, 200 if old else 201)


def delete_contents(call: Call) -> Response:
    repository = writable(call)
    path = call.path.get("path", "").strip("/")
    if _replaced(call, repository, path) is None:
        raise not_found()
    commit = _commit(call, repository, TreeChange(path, None))
    return answer({"content": None, "commit": git_commit(call.site, repository, commit)})


def _branch(call: Call, repository: Repository) -> str:
    return call.field("branch", str, repository.default_branch)


def _replaced(call: Call, repository: Repository, path: str) -> str | None:
    """The blob that is there; 409 or 422 where the caller did not name it by its `sha`."""
    tip, given = call.git(repository).ref(f"refs/heads/{_branch(call, repository)}"), call.json.get("sha")
    try:
        old = str(call.git(repository).entry(tip, path).id) if tip else None
    except NotFound:
        old = None
    if old and not given:
        raise invalid('Invalid request.\n\n"sha" wasn\'t supplied.')
    if given and given != old:
        raise ApiError(409, f"{path} does not match {given}")
    return old


def _commit(call: Call, repository: Repository, change: TreeChange) -> str:
    git, branch = call.git(repository), _branch(call, repository)
    tip = git.ref(f"refs/heads/{branch}")
    empty = not git.refs("refs/heads/")
    if tip is None and not empty:
        raise ApiError(404, f"Branch {branch} not found")
    try:
        tree = git.write_tree(tip, [change])
    except (pygit2.GitError, OSError, NotFound) as error:
        raise invalid(f"path contains a malformed path component: {error}") from error
    author = _person(call, "author", signature_of(call.person()))
    committer = _person(call, "committer", author)
    message = call.field("message", str)
    commit = git.write_commit(tree, [tip] if tip else [], message, author, committer)
    try:
        move_ref(call.site, repository, call.principal, Move(f"refs/heads/{branch}", tip or "0" * 40, commit))
    except Refused as error:
        raise ApiError(
            409, str(error) if error.reasons.rules else f"Could not change file: {error}"
        ) from error
    except RefMoved as error:
        raise ApiError(409, f"{branch} has moved meanwhile") from error
    return commit


def _person(call: Call, name: str, own: Signature) -> Signature:
    given = call.json.get(name) or {}
    return Signature(given.get("name", own.name), given.get("email", own.email), given.get("date", ""))


_CONTENTS = "/repos/{owner}/{repo}/contents/{path:path}"
ROUTES = [
    endpoint("GET", "/repos/{owner}/{repo}/contents", get_contents),
    endpoint("GET", _CONTENTS, get_contents),
    endpoint("PUT", _CONTENTS, put_contents),
    endpoint("DELETE", _CONTENTS, delete_contents),
]
