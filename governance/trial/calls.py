"""Calls in a scratch repository with one token, written as GitHub documents them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from governance.github.connection import Connection
from governance.github.errors import GitHubNotFound
from governance.trial.record import Trial
from governance.trial.scratch import Scratch

WITH_SLASHES = frozenset({"ref", "path"})


@dataclass(frozen=True)
class Calls:
    """A call is `GET /repos/{owner}/{repo}/git/ref/{ref}`; what its names stand for comes as arguments."""

    trial: Trial
    connection: Connection
    scratch: Scratch
    token: str

    def need(self, call: str, why: str, *, needs: str = "", **given: Any) -> Any:
        """The answer, which the calls after it need."""
        return self.trial.need(call, why, self._do(call, **given), needs=needs)

    def try_(self, call: str, why: str, *, needs: str = "", **given: Any) -> None:
        self.trial.try_(call, why, self._do(call, **given), needs=needs)

    def undo_later(self, call: str, **given: Any) -> None:
        """What GitHub does not find then was not made."""
        self.trial.undo_later(call, partial(_found, self._do(call, **given)))

    def _do(
        self, call: str, *, body: Any = None, params: Mapping[str, Any] | None = None, **names: Any
    ) -> Callable[[], Any]:
        method, _, path = call.partition(" ")
        owner, _, repo = self.scratch.repo.partition("/")
        quoted = {name: quote(str(value), safe="/" * (name in WITH_SLASHES)) for name, value in names.items()}
        real = path.format(owner=owner, repo=repo, **quoted)
        return lambda: self.connection.call(method, real, token=self.token, body=body, params=params)


def _found(do: Callable[[], object]) -> bool:
    try:
        do()
    except GitHubNotFound:
        return False
    return True
