"""A repository is known by GitHub's number of it: a name that leads elsewhere decides nothing."""

from __future__ import annotations

from governance.github.port import RepositoryReading
from lockgate.errors import Invalid


class AnotherRepository(Invalid):
    def __init__(self, repo: str) -> None:
        super().__init__(
            f"GitHub has another repository under {repo} than the one that Lockgate knows.",
            next_step="A maintainer puts the name of the right one into the Node Repo.",
        )


class Renamed(Invalid):
    def __init__(self, repo: str, today: str, *, where: str) -> None:
        super().__init__(
            f"{repo} is {today} on GitHub now: it was renamed or transferred.",
            next_step=f"{where} says its name of today; then it is read again.",
        )


def require_the_same(repo: str, known_id: int | None, found: RepositoryReading, *, where: str) -> None:
    """Raises Invalid unless GitHub has under this name, and under no other, what it had before.

    `where`: what names the repository, for the person who mends it.
    """
    if known_id not in (None, found.id):
        raise AnotherRepository(repo)
    if found.name.casefold() != repo.casefold():
        raise Renamed(repo, found.name, where=where)
