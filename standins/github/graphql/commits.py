"""Git objects: commits, trees, blobs, refs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pygit2

from standins.github.clock import from_epoch
from standins.github.graphql import checks
from standins.github.graphql.actors import Actor
from standins.github.graphql.errors import Refusal
from standins.github.graphql.paging import Connection, Window, connect
from standins.github.graphql.protection import ProtectionRule, rule_of
from standins.github.graphql.scope import Scope
from standins.github.serialisers.accounts import node_id
from standins.github.signatures import account_of

if TYPE_CHECKING:
    from standins.github.graphql.repositories import Repository

_CO_AUTHOR = re.compile(r"^co-authored-by: *(.*?) *<([^<>]+)>\s*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class GitActor:
    """Who a commit says it is by: anyone can write any name there."""

    scope: Scope
    name: str
    email: str

    def user(self) -> Actor | None:
        found = account_of(self.scope.site, self.email)
        return Actor(self.scope.site, found) if found and found.type == "User" else None


@dataclass(frozen=True)
class GitObject:
    scope: Scope
    oid: str

    @property
    def abbreviated_oid(self) -> str:
        return self.oid[:7]


@dataclass(frozen=True)
class Commit(GitObject):
    typename = "Commit"

    @cached_property
    def _found(self) -> pygit2.Commit:
        return self.scope.git.commit(self.oid)

    @property
    def id(self) -> str:
        return node_id("C", f"{self.scope.repository.id}_{self.oid}")

    @property
    def url(self) -> str:
        return f"{self.scope.html}/commit/{self.oid}"

    @property
    def message(self) -> str:
        return str(self._found.message).rstrip("\n")

    @property
    def message_headline(self) -> str:
        return self.message.partition("\n")[0]

    @property
    def message_body(self) -> str:
        return self.message.partition("\n")[2].strip("\n")

    @property
    def authored_date(self) -> str:
        return from_epoch(self._found.author.time)

    @property
    def committed_date(self) -> str:
        return from_epoch(self._found.committer.time)

    def author(self) -> GitActor:
        return _git_actor(self.scope, self._found.author)

    def committer(self) -> GitActor:
        return _git_actor(self.scope, self._found.committer)

    def authors(self, **window: Any) -> Connection[GitActor]:
        """The author, then those whom the message names as co-authors."""
        named = [GitActor(self.scope, name, email) for name, email in _CO_AUTHOR.findall(self.message)]
        return connect([self.author(), *named], Window("authors", **window))

    def parents(self, **window: Any) -> Connection[Commit]:
        found = [Commit(self.scope, str(parent)) for parent in self._found.parent_ids]
        return connect(found, Window("parents", **window))

    def tree(self) -> Tree:
        return Tree(self.scope, str(self._found.tree_id))

    def check_suites(
        self, filter_by: dict[str, Any] | None = None, **window: Any
    ) -> Connection[checks.CheckSuite]:
        self.scope.demand("checks")
        found = checks.suites(self.scope, self.oid, filter_by or {})
        return connect(found, Window("checkSuites", **window), lambda suite: (suite.row.id,))


@dataclass(frozen=True)
class Blob(GitObject):
    typename = "Blob"

    @cached_property
    def _data(self) -> bytes:
        return self.scope.git.read_blob(self.oid)

    @property
    def id(self) -> str:
        return node_id("BL", f"{self.scope.repository.id}_{self.oid}")

    @property
    def byte_size(self) -> int:
        return len(self._data)

    @property
    def is_binary(self) -> bool:
        return b"\0" in self._data[:8000]

    @property
    def is_truncated(self) -> bool:
        return False

    @property
    def text(self) -> str | None:
        return None if self.is_binary else self._data.decode("utf-8", "replace")


@dataclass(frozen=True)
class Tree(GitObject):
    path: str = ""
    typename = "Tree"

    @property
    def id(self) -> str:
        return node_id("TR", f"{self.scope.repository.id}_{self.oid}")

    def entries(self) -> list[TreeEntry]:
        return [TreeEntry(self.scope, entry, self.path) for entry in self.scope.git.tree(self.oid)]


@dataclass(frozen=True)
class TreeEntry:
    scope: Scope
    entry: pygit2.Object
    folder: str

    @property
    def name(self) -> str:
        return str(self.entry.name)

    @property
    def path(self) -> str:
        return f"{self.folder}/{self.name}" if self.folder else self.name

    @property
    def oid(self) -> str:
        return str(self.entry.id)

    @property
    def mode(self) -> int:
        return int(self.entry.filemode)

    @property
    def type(self) -> str:
        return str(self.entry.type_str)

    def object(self) -> GitObject | None:
        return git_object(self.scope, self.entry, self.path)


@dataclass(frozen=True)
class Ref:
    """`full` is the whole name, such as `refs/heads/main`."""

    scope: Scope
    full: str
    oid: str
    typename = "Ref"

    @property
    def id(self) -> str:
        return node_id("REF", f"{self.scope.repository.id}:{self.full}")

    @property
    def prefix(self) -> str:
        return "/".join(self.full.split("/", 2)[:2]) + "/"

    @property
    def name(self) -> str:
        return self.full.removeprefix(self.prefix)

    def branch_protection_rule(self) -> ProtectionRule | None:
        """For an administrator, or an App with `administration: read`."""
        self.scope.demand("administration", "read", "admin")
        return rule_of(self.scope, self.name) if self.prefix == "refs/heads/" else None

    def target(self) -> GitObject | None:
        return git_object(self.scope, self.scope.git.objects.get(self.oid))

    def repository(self) -> Repository:
        from standins.github.graphql.repositories import Repository

        return Repository(self.scope)


def git_object(scope: Scope, found: pygit2.Object | None, path: str = "") -> GitObject | None:
    """The object in GitHub's clothes; None for a submodule, whose commit is elsewhere."""
    if isinstance(found, pygit2.Commit):
        return Commit(scope, str(found.id))
    if isinstance(found, pygit2.Blob):
        return Blob(scope, str(found.id))
    if isinstance(found, pygit2.Tree):
        return Tree(scope, str(found.id), path)
    if isinstance(found, pygit2.Tag):
        raise Refusal("UNPROCESSABLE", "Annotated tags are not implemented here")
    return None


def find_ref(scope: Scope, full: str) -> Ref | None:
    sha = scope.git.ref(full)
    return Ref(scope, full, sha) if sha else None


def _git_actor(scope: Scope, signature: pygit2.Signature) -> GitActor:
    return GitActor(scope, signature.name, signature.email)
