"""`/repos/{owner}/{repo}/git/...`: blobs, trees, commits, refs."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import pygit2
from starlette.responses import Response

from standins.github.errors import ApiError, invalid, not_found
from standins.github.git import ZERO, NotFound, RefMoved, Signature, TreeChange
from standins.github.reasons import Refused
from standins.github.rest.call import Call, answer, endpoint, no_content
from standins.github.serialisers.accounts import node_id
from standins.github.serialisers.commits import git_commit, git_ref
from standins.github.serialisers.repositories import repository_url
from standins.github.signatures import signature_of
from standins.github.store import Repository
from standins.github.updates import Move, move_ref

MODES = {"100644", "100755", "040000", "160000", "120000"}


def writable(call: Call) -> Repository:
    return call.repository("contents", "write", "push")


def readable(call: Call) -> Repository:
    return call.repository("contents", "read", "pull")


def create_blob(call: Call) -> Response:
    repository = writable(call)
    data = decoded(call.field("content", str), call.field("encoding", str, "utf-8"))
    sha = call.git(repository).write_blob(data)
    return answer({"sha": sha, "url": f"{repository_url(call.site, repository)}/git/blobs/{sha}"}, 201)


def decoded(content: str, encoding: str) -> bytes:
    if encoding == "utf-8":
        return content.encode()
    if encoding != "base64":
        raise invalid("Invalid request.", "encoding is utf-8 or base64")
    try:
        return base64.b64decode("".join(content.split()), validate=True)
    except binascii.Error as error:
        raise invalid("content is not valid Base64") from error


def get_blob(call: Call) -> Response:
    repository = readable(call)
    sha = call.path["sha"]
    data = call.git(repository).read_blob(sha)
    if "raw" in call.request.headers.get("accept", ""):
        return Response(data, media_type="application/vnd.github.raw")
    return answer(
        {
            "sha": sha,
            "node_id": node_id("B", sha),
            "size": len(data),
            "url": f"{repository_url(call.site, repository)}/git/blobs/{sha}",
            "content": base64.encodebytes(data).decode(),
            "encoding": "base64",
        }
    )


def create_tree(call: Call) -> Response:
    repository = writable(call)
    git = call.git(repository)
    changes = [_change(call, repository, entry) for entry in call.field("tree", list)]
    base = call.json.get("base_tree")
    try:
        sha = git.write_tree(base, changes)
    except (NotFound, pygit2.GitError, ValueError, OSError) as error:
        raise invalid(f"GitRPC::BadObjectState: {error}") from error
    return answer(_tree(call, repository, sha, recursive=False), 201)


def _change(call: Call, repository: Repository, entry: Mapping[str, Any]) -> TreeChange:
    path, mode = entry.get("path"), entry.get("mode", "100644")
    if not isinstance(path, str) or not path or mode not in MODES or _malformed(path):
        raise invalid("tree.path contains a malformed path component or mode")
    if "content" in entry:
        return TreeChange(path, call.git(repository).write_blob(str(entry["content"]).encode()), int(mode, 8))
    return TreeChange(path, entry.get("sha"), int(mode, 8))


def _malformed(path: str) -> bool:
    parts = path.split("/")
    return any(part in ("", ".", "..") or part.lower() == ".git" or "\0" in part for part in parts)


def get_tree(call: Call) -> Response:
    repository = readable(call)
    git = call.git(repository)
    rev = call.path["sha"]
    sha = str(git.tree(git.resolve(rev) or rev).id)
    return answer(_tree(call, repository, sha, recursive=bool(call.query("recursive"))))


def _tree(call: Call, repository: Repository, sha: str, *, recursive: bool) -> dict[str, Any]:
    git, url = call.git(repository), repository_url(call.site, repository)
    arguments = ["-r", "-t"] if recursive else []
    lines = git.run("ls-tree", "-z", "-l", *arguments, sha).split("\0")
    entries = [_entry(url, line) for line in lines if line]
    return {"sha": sha, "url": f"{url}/git/trees/{sha}", "tree": entries, "truncated": False}


def _entry(url: str, line: str) -> dict[str, Any]:
    facts, path = line.split("\t", 1)
    mode, kind, sha, size = facts.split()
    entry: dict[str, Any] = {"path": path, "mode": mode, "type": kind, "sha": sha}
    if kind == "blob":
        entry["size"] = int(size)
    if kind != "commit":
        entry["url"] = f"{url}/git/{kind}s/{sha}"
    return entry


def create_commit(call: Call) -> Response:
    repository = writable(call)
    git = call.git(repository)
    own = signature_of(call.person())
    author = _signature(call.json.get("author"), own)
    committer = _signature(call.json.get("committer"), author)
    tree, parents = call.field("tree", str), call.field("parents", list, [])
    try:
        git.tree(tree)
        for parent in parents:
            git.commit(parent)
    except NotFound as error:
        raise invalid("Tree SHA or a parent does not exist") from error
    sha = git.write_commit(tree, parents, call.field("message", str), author, committer)
    return answer(git_commit(call.site, repository, sha), 201)


def _signature(given: Mapping[str, str] | None, own: Signature) -> Signature:
    if not given:
        return own
    return Signature(given.get("name") or own.name, given.get("email") or own.email, given.get("date") or "")


def get_commit(call: Call) -> Response:
    return answer(git_commit(call.site, readable(call), call.path["sha"]))


def get_ref(call: Call) -> Response:
    repository = readable(call)
    name = "refs/" + call.path["ref"]
    sha = call.git(repository).ref(name)
    if sha is None:
        raise not_found()
    return answer(git_ref(call.site, repository, name, sha))


def matching_refs(call: Call) -> Response:
    repository = readable(call)
    prefix = "refs/" + call.path["ref"]
    found = [(name, sha) for name, sha in call.git(repository).refs().items() if name.startswith(prefix)]
    return call.page(found, lambda one: git_ref(call.site, repository, *one))


def create_ref(call: Call) -> Response:
    repository = writable(call)
    name, sha = call.field("ref", str), call.field("sha", str)
    git = call.git(repository)
    if not name.startswith(("refs/heads/", "refs/tags/")) or not pygit2.reference_is_valid_name(name):
        raise invalid("Reference name is not valid")
    if git.ref(name) is not None:
        raise invalid("Reference already exists")
    if git.resolve(sha) != sha:
        raise invalid("Object does not exist")
    move(call, repository, Move(name, ZERO, sha))
    return answer(git_ref(call.site, repository, name, sha), 201)


def update_ref(call: Call) -> Response:
    repository = writable(call)
    git = call.git(repository)
    name, sha = "refs/" + call.path["ref"], call.field("sha", str)
    old = git.ref(name)
    if old is None:
        raise invalid("Reference does not exist")
    if git.resolve(sha) != sha:
        raise invalid("Object does not exist")
    if not call.field("force", bool, False) and not git.is_ancestor(old, sha):
        raise invalid("Update is not a fast forward")
    if old != sha:
        move(call, repository, Move(name, old, sha))
    return answer(git_ref(call.site, repository, name, sha))


def delete_ref(call: Call) -> Response:
    repository = writable(call)
    name = "refs/" + call.path["ref"]
    old = call.git(repository).ref(name)
    if old is None or name.startswith("refs/pull/"):
        raise invalid("Reference does not exist")
    if name == f"refs/heads/{repository.default_branch}":
        raise invalid("Cannot delete the default branch")
    move(call, repository, Move(name, old, ZERO))
    return no_content()


def move(call: Call, repository: Repository, wanted: Move) -> None:
    """Moves a ref for the API: protection is 422, a ref that moved meanwhile 409."""
    try:
        move_ref(call.site, repository, call.principal, wanted)
    except Refused as error:
        raise invalid(str(error)) from error
    except RefMoved as error:
        raise ApiError(409, "Reference cannot be updated: it has moved") from error


_GIT = "/repos/{owner}/{repo}/git"
ROUTES = [
    endpoint("POST", f"{_GIT}/blobs", create_blob),
    endpoint("GET", f"{_GIT}/blobs/{{sha}}", get_blob),
    endpoint("POST", f"{_GIT}/trees", create_tree),
    endpoint("GET", f"{_GIT}/trees/{{sha:path}}", get_tree),
    endpoint("POST", f"{_GIT}/commits", create_commit),
    endpoint("GET", f"{_GIT}/commits/{{sha}}", get_commit),
    endpoint("GET", f"{_GIT}/ref/{{ref:path}}", get_ref),
    endpoint("GET", f"{_GIT}/matching-refs/{{ref:path}}", matching_refs),
    endpoint("POST", f"{_GIT}/refs", create_ref),
    endpoint("PATCH", f"{_GIT}/refs/{{ref:path}}", update_ref),
    endpoint("DELETE", f"{_GIT}/refs/{{ref:path}}", delete_ref),
]
