"""`node(id)`: a thing by its opaque name, if the caller may see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from standins.github.auth.access import visible
from standins.github.graphql.actors import Actor
from standins.github.graphql.checks import CheckRun, CheckSuite
from standins.github.graphql.commits import Commit
from standins.github.graphql.errors import Refusal, not_found
from standins.github.graphql.pulls import Comment, PullRequest, Review
from standins.github.graphql.repositories import Repository
from standins.github.graphql.scope import Asker, Scope
from standins.github.store import (
    Account,
)
from standins.github.store import CheckRun as RunRow
from standins.github.store import CheckSuite as SuiteRow
from standins.github.store import Comment as CommentRow
from standins.github.store import (
    PullRequest as PullRow,
)
from standins.github.store import Repository as RepositoryRow
from standins.github.store import Review as ReviewRow


def find_node(asker: Asker, name: str) -> Any:
    """Raises NOT_FOUND where there is no such thing for this caller."""
    letters, _, rest = name.partition("_")
    finder = _FINDERS.get(letters)
    try:
        if finder is None:
            raise _none(name)
        return finder(asker, rest)
    except (KeyError, ValueError) as error:
        raise _none(name) from error


def _none(name: str) -> Refusal:
    return not_found(f"Could not resolve to a node with the global id of '{name}'")


def _scope(asker: Asker, repository_id: int, permission: str) -> Scope:
    row = asker.site.store.get(RepositoryRow, repository_id)
    if not visible(asker.site, asker.principal, row):
        raise KeyError(repository_id)
    scope = asker.within(row)
    scope.demand(permission)
    return scope


def _repository(asker: Asker, number: str) -> Repository:
    return Repository(_scope(asker, int(number), "metadata"))


def _pull(asker: Asker, number: str) -> PullRequest:
    row = asker.site.store.get(PullRow, int(number))
    return PullRequest(_scope(asker, row.repository_id, "pull_requests"), row)


def _review(asker: Asker, number: str) -> Review:
    row = asker.site.store.get(ReviewRow, int(number))
    pull = _pull(asker, str(row.pull_request_id))
    return Review(pull.scope, pull, row)


def _comment(asker: Asker, number: str) -> Comment:
    row = asker.site.store.get(CommentRow, int(number))
    pull = _pull(asker, str(row.pull_request_id))
    return Comment(pull.scope, pull, row)


def _run(asker: Asker, number: str) -> CheckRun:
    row = asker.site.store.get(RunRow, int(number))
    return CheckRun(_scope(asker, row.repository_id, "checks"), row)


def _suite(asker: Asker, number: str) -> CheckSuite:
    row = asker.site.store.get(SuiteRow, int(number))
    return CheckSuite(_scope(asker, row.repository_id, "checks"), row)


def _commit(asker: Asker, named: str) -> Commit:
    repository, _, sha = named.partition("_")
    scope = _scope(asker, int(repository), "contents")
    scope.git.commit(sha)
    return Commit(scope, sha)


def _account(asker: Asker, number: str) -> Actor:
    return Actor(asker.site, asker.site.store.get(Account, int(number)))


_FINDERS: Mapping[str, Callable[[Asker, str], Any]] = {
    "R": _repository,
    "PR": _pull,
    "PRR": _review,
    "IC": _comment,
    "CR": _run,
    "CS": _suite,
    "C": _commit,
    "U": _account,
    "B": _account,
    "O": _account,
}
