"""Questions to GitHub in the App's name: with a token it takes, no more at once than it can answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, TypeVar

from governance.github.connection import Connection
from governance.github.errors import GitHubOverasked, GitHubUnavailable, SignInAgain
from governance.github.installation import Installations

LARGEST, SMALLEST = 50, 10  # of a page or batch; GitHub answers fewer at once where they are heavy
Answer = TypeVar("Answer")


class Asking:
    """`owner` is the account whose repositories and teams are asked about."""

    def __init__(self, connection: Connection, installations: Installations) -> None:
        self._connection = connection
        self._installations = installations

    def call(self, owner: str, method: str, path: str, **arguments: Any) -> Any:
        return self._with_token(
            owner, lambda token: self._connection.call(method, path, token=token, **arguments)
        )

    def pages(self, owner: str, path: str, **params: Any) -> list[Any]:
        return self._with_token(
            owner, lambda token: list(self._connection.pages(path, token=token, params=params))
        )

    def graphql(
        self, owner: str, query: str, /, *, missing: bool = False, write: bool = False, **variables: Any
    ) -> Any:
        return self._with_token(
            owner,
            lambda token: self._connection.graphql(
                query, variables, token=token, missing=missing, write=write
            ),
        )

    def _with_token(self, owner: str, ask: Callable[[str], Answer]) -> Answer:
        """Asks once more with a new token where the old one ended."""
        try:
            return ask(self._installations.token(owner))
        except SignInAgain:
            self._installations.forget(owner)
        try:
            return ask(self._installations.token(owner))
        except SignInAgain as error:
            raise GitHubUnavailable("GitHub does not accept Lockgate's App.") from error


def shrinking(size: int, ask: Callable[[int], Answer]) -> tuple[Answer, int]:
    """The answer to as much as GitHub can answer at once, and how much that was."""
    while True:
        try:
            return ask(size), size
        except GitHubOverasked:
            if size <= SMALLEST:
                raise
            size = max(SMALLEST, size // 2)


def in_batches(
    items: Sequence[str], ask: Callable[[list[str]], Answer], size: int = LARGEST
) -> Iterator[Answer]:
    """The answers for all items, some at a time; fewer from then on where GitHub could not answer so many."""
    left = list(items)
    while left:
        answer, size = shrinking(size, partial(_ask_first, left, ask))
        yield answer
        left = left[size:]


def _ask_first(left: list[str], ask: Callable[[list[str]], Answer], most: int) -> Answer:
    return ask(left[:most])
