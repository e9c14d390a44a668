"""CODEOWNERS: who owns which path. Read from the base branch; the last line that matches a path decides."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from standins.github.auth.access import ROLES, role_of
from standins.github.git import GitRepository, NotFound
from standins.github.site import Site
from standins.github.store import Account, Repository, Team, TeamRepository

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NAME = re.compile(r"@[A-Za-z0-9-]+(/[A-Za-z0-9_.-]+)?")


@dataclass(frozen=True)
class Line:
    """`number` counts from 1; no owners: nobody owns what the pattern matches."""

    number: int
    text: str
    pattern: str
    owners: tuple[str, ...]

    def matches(self, path: str) -> bool:
        return re.fullmatch(_expression(self.pattern), path) is not None


@dataclass(frozen=True)
class File:
    path: str
    lines: tuple[Line, ...]

    def owners_of(self, path: str) -> tuple[str, ...]:
        found = [line.owners for line in self.lines if not is_malformed(line.pattern) and line.matches(path)]
        return found[-1] if found else ()


@dataclass(frozen=True)
class Owner:
    """A person or a team; only one with write access owns anything."""

    name: str
    account: Account | None = None
    team: Team | None = None


def read_code_owners(git: GitRepository, commit: str) -> File | None:
    """The first of the places that has one."""
    for place in PLACES:
        try:
            data = git.read_blob(str(git.entry(commit, place).id))
        except NotFound:
            continue
        return File(place, tuple(_lines(data.decode("utf-8", "replace"))))
    return None


def _lines(text: str) -> Iterator[Line]:
    for number, line in enumerate(text.splitlines(), 1):
        words = re.split(r"(?:^|\s)#", line, maxsplit=1)[0].split()
        if words:
            yield Line(number, line, words[0], tuple(words[1:]))


def is_malformed(pattern: str) -> bool:
    """What gitignore knows and CODEOWNERS does not: negation, character ranges, escaped `#`."""
    return pattern.startswith(("!", "\\#")) or "[" in pattern or "***" in pattern


def is_owner(word: str) -> bool:
    """Whether the word can name an owner at all."""
    return bool(_NAME.fullmatch(word) or _EMAIL.fullmatch(word))


def owners(site: Site, repository: Repository, names: Sequence[str]) -> list[Owner]:
    """Those of the names that exist and may write here."""
    found = [find_owner(site, repository, name) for name in names]
    return [owner for owner in found if owner is not None]


def find_owner(site: Site, repository: Repository, name: str) -> Owner | None:
    login, slash, slug = name.removeprefix("@").partition("/")
    if slash:
        return _team(site, repository, name, login, slug)
    known = {"login": login} if name.startswith("@") else {"email": name}
    account = site.store.first(Account, **known)
    writes = account is not None and _writes(role_of(site, repository, account))
    return Owner(name, account=account) if writes else None


def _team(site: Site, repository: Repository, name: str, owner: str, slug: str) -> Owner | None:
    organization = site.account_named(owner)
    if organization is None or organization.id != repository.owner_id:
        return None
    team = site.store.first(Team, organization_id=organization.id, slug=slug)
    granted = team and site.store.first(TeamRepository, team_id=team.id, repository_id=repository.id)
    return Owner(name, team=team) if granted and _writes(granted.permission) else None


def _writes(role: str) -> bool:
    return ROLES.index(role) >= ROLES.index("push")


def _expression(pattern: str) -> str:
    """gitignore's rules, but `docs/*` is files right inside `docs` and no deeper."""
    body = pattern.strip("/")
    start = "" if "/" in pattern.rstrip("/") else "(?:.*/)?"
    parts = re.split(r"(/\*\*/|\*\*/|/\*\*|\*|\?)", body)
    wild = {"/**/": "/(?:.*/)?", "**/": "(?:.*/)?", "/**": "/.*", "*": "[^/]*", "?": "[^/]"}
    middle = "".join(wild.get(part, re.escape(part)) for part in parts)
    if pattern.endswith("/"):
        return f"{start}{middle}/.*"
    shallow = body.endswith("/*") and not body.endswith("**/*")
    return start + middle + ("" if shallow else "(?:/.*)?")
