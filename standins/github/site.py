"""The whole of one stand-in: where it keeps things, and what its parts share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from standins.github.events import Bus
from standins.github.faults.switches import Switchboard
from standins.github.git import GitRepository
from standins.github.rates import Rates
from standins.github.store import Account, FormerName, Repository, Store

GHOST = Account(10137, "ghost", "User", "Deleted user")


class Site:
    """`url` is where people and webhooks find this GitHub, without a slash at the end."""

    def __init__(self, data: Path, url: str = "http://127.0.0.1:8401") -> None:
        data.mkdir(parents=True, exist_ok=True)
        self.data = data
        self.url = url.rstrip("/")
        self.store = Store(data / "github.sqlite3")
        self.bus = Bus()
        self.faults = Switchboard()
        self.rates = Rates()
        self._locks: dict[int, threading.RLock] = {}
        self._locks_guard = threading.Lock()
        self._beginnings: list[Callable[[], None]] = []
        self._endings: list[Callable[[], None]] = []

    def on_start(self, begin: Callable[[], None]) -> None:
        """`begin` runs once this GitHub is served: what was left undone is taken up then."""
        self._beginnings.append(begin)

    def on_close(self, end: Callable[[], None]) -> None:
        """`end` runs before the store closes, the last one first."""
        self._endings.append(end)

    def start(self) -> None:
        for begin in self._beginnings:
            begin()

    def close(self) -> None:
        while self._endings:
            self._endings.pop()()
        self.store.close()

    @property
    def api(self) -> str:
        return f"{self.url}/api/v3"

    def lock(self, repository: Repository) -> threading.RLock:
        """Held by whoever moves refs of this repository. Never taken inside a store transaction."""
        with self._locks_guard:
            return self._locks.setdefault(repository.id, threading.RLock())

    def git(self, repository: Repository) -> GitRepository:
        return GitRepository(self.data / "repositories" / f"{repository.id}.git")

    def account(self, id: int) -> Account:  # noqa: A002
        """The account; the ghost for one that was removed."""
        return self.store.first(Account, id=id) or GHOST

    def account_named(self, login: str) -> Account | None:
        return self.store.first(Account, login=login)

    def repository_named(self, owner: str, name: str) -> Repository | None:
        account = self.account_named(owner)
        return self.store.first(Repository, owner_id=account.id, name=name) if account else None

    def repository_once_named(self, owner: str, name: str) -> Repository | None:
        """The repository that had this address before it was renamed or given away."""
        former = self.store.first(FormerName, login=owner, name=name)
        return self.store.first(Repository, id=former.repository_id) if former else None

    def full_name(self, repository: Repository) -> str:
        return f"{self.account(repository.owner_id).login}/{repository.name}"
