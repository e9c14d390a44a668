"""Changes: a commit on a branch, a new ref. Protection stands in their way as at a push."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from standins.github.clock import now
from standins.github.git import ZERO, GitError, GitRepository, RefMoved, Signature, TreeChange
from standins.github.graphql.commits import Commit, Ref, find_ref
from standins.github.graphql.errors import Refusal, not_found, unprocessable
from standins.github.graphql.nodes import find_node
from standins.github.graphql.repositories import Repository, find_repository
from standins.github.graphql.scope import Asker, Scope
from standins.github.reasons import Refused
from standins.github.signatures import GITHUB, signature_of
from standins.github.updates import Move, move_ref

Input = Mapping[str, Any]


@dataclass(frozen=True)
class Committed:
    client_mutation_id: str | None
    commit: Commit
    ref: Ref | None


@dataclass(frozen=True)
class Created:
    client_mutation_id: str | None
    ref: Ref | None


def create_commit_on_branch(asker: Asker, given: Input) -> Committed:
    """One commit with all file changes, by the token's owner, only onto the expected head."""
    scope, ref = _branch(asker, given["branch"])
    scope.demand("contents", "write", "push")
    expected = given["expectedHeadOid"]
    tip = scope.git.ref(ref)
    if tip is None:
        raise not_found(f"Could not resolve to a Ref with the name {ref.removeprefix('refs/heads/')}.")
    if tip != expected:
        raise _stale(expected)
    tree = scope.git.write_tree(expected, _changes(scope.git, given.get("fileChanges") or {}))
    sha = _commit(scope, tree, expected, given["message"])
    _move(scope, Move(ref, expected, sha), lambda: _stale(expected))
    return Committed(given.get("clientMutationId"), Commit(scope, sha), find_ref(scope, ref))


def create_ref(asker: Asker, given: Input) -> Created:
    repository = find_node(asker, given["repositoryId"])
    if not isinstance(repository, Repository):
        raise unprocessable("`repositoryId` names no repository")
    scope, name, oid = repository.scope, given["name"], given["oid"]
    scope.demand("contents", "write", "push")
    if not name.startswith(("refs/heads/", "refs/tags/")):
        raise unprocessable("The name must begin with refs/heads/ or refs/tags/")
    if scope.git.objects.get(oid) is None:
        raise unprocessable(f"There is no object {oid}")
    taken = unprocessable(f'A ref named "{name}" already exists in the repository.')
    _move(scope, Move(name, ZERO, oid), lambda: taken)
    return Created(given.get("clientMutationId"), find_ref(scope, name))


def _branch(asker: Asker, given: Input) -> tuple[Scope, str]:
    """A branch by its node id, or by the names of repository and branch."""
    if given.get("id"):
        letters, _, rest = given["id"].partition("_")
        number, _, ref = rest.partition(":")
        repository = find_node(asker, f"R_{number}") if letters == "REF" else None
        if not isinstance(repository, Repository) or not ref.startswith("refs/heads/"):
            raise not_found(f"Could not resolve to a node with the global id of '{given['id']}'")
        return repository.scope, ref
    full_name, branch = given.get("repositoryNameWithOwner"), given.get("branchName")
    if not full_name or not branch:
        raise unprocessable("Give `id`, or `repositoryNameWithOwner` and `branchName`")
    return find_repository(asker, full_name).scope, f"refs/heads/{branch.removeprefix('refs/heads/')}"


def _changes(git: GitRepository, given: Input) -> list[TreeChange]:
    deleted = [TreeChange(_path(one["path"]), None) for one in given.get("deletions") or ()]
    added = [
        TreeChange(_path(one["path"]), git.write_blob(_contents(one))) for one in given.get("additions") or ()
    ]
    return [*deleted, *added]


def _path(path: str) -> str:
    parts = path.split("/")
    if not all(parts) or {".", "..", ".git"} & {part.lower() for part in parts}:
        raise unprocessable(f"A path was requested that is not valid: {path}")
    return path


def _contents(given: Input) -> bytes:
    try:
        return base64.b64decode(given["contents"], validate=True)
    except binascii.Error as error:
        raise unprocessable(f"The contents of {given['path']} are not Base64") from error


def _commit(scope: Scope, tree: str, parent: str, message: Input) -> str:
    assert scope.principal.account is not None
    author = signature_of(scope.principal.account, now())
    committer = Signature(GITHUB.name, GITHUB.email, now())
    text = f"{message['headline']}\n\n{message.get('body') or ''}".strip()
    return scope.git.write_commit(tree, [parent], text, author, committer)


def _move(scope: Scope, move: Move, lost: Callable[[], Refusal]) -> None:
    try:
        move_ref(scope.site, scope.repository, scope.principal, move)
    except RefMoved as error:
        raise lost() from error
    except Refused as error:
        raise Refusal("BRANCH_PROTECTION_RULE_VIOLATION", str(error)) from error
    except GitError as error:
        raise unprocessable(str(error)) from error


def _stale(expected: str) -> Refusal:
    # GitHub's own words, the two spaces included.
    message = f'Expected branch to point to "{expected}" but it did not.  Pull and try again.'
    return Refusal("STALE_DATA", message)
