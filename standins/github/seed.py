"""The people, organisations, Apps and repositories that a stand-in starts with.

Applied at every start: what is there already is kept, what differs is set as the seed says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from standins.github.auth.tokens import issue
from standins.github.clock import now
from standins.github.creation import create_repository
from standins.github.site import Site
from standins.github.store import (
    Account,
    App,
    Collaborator,
    Installation,
    Membership,
    Repository,
    Team,
    TeamMember,
    TeamRepository,
    Token,
)

ACTIONS_APP = 15368
ACTIONS_BOT = 41898282
Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Seed:
    """As in the seed file; see the project's description of it. `actions` is the runner's own."""

    accounts: tuple[Entry, ...] = ()
    organizations: tuple[Entry, ...] = ()
    teams: tuple[Entry, ...] = ()
    apps: tuple[Entry, ...] = ()
    tokens: tuple[Entry, ...] = ()
    repositories: tuple[Entry, ...] = ()
    actions: Entry = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Seed:
        return cls.of(json.loads(path.read_text()))

    @classmethod
    def of(cls, data: Entry) -> Seed:
        lists = {key: tuple(value) for key, value in data.items() if key != "actions"}
        return cls(**lists, actions=data.get("actions", {}))


def apply_seed(site: Site, seed: Seed) -> None:
    with site.store.transaction():
        for entry in seed.accounts:
            _account(site, entry, "User")
        for entry in seed.organizations:
            _organization(site, entry)
        for entry in seed.teams:
            _team(site, entry)
        _actions_app(site, seed)
        for entry in seed.apps:
            _app(site, entry)
        for entry in seed.tokens:
            _token(site, entry)
    for entry in seed.repositories:
        _repository(site, entry)
    for entry in seed.apps:
        _installations(site, entry)


def _account(site: Site, entry: Entry, kind: str) -> Account:
    known = site.store.first(Account, id=entry["id"])
    email = entry.get("email") or f"{entry['login']}@example.org"
    row = Account(
        entry["id"],
        entry["login"],
        kind,
        entry.get("name"),
        email if kind == "User" else None,
        bool(entry.get("site_admin", False)),
        entry.get("default_repository_permission", "none"),
        known.created_at if known else now(),
    )
    return site.store.put(row) if known is None else site.store.update(known, **_columns(row))


def _columns(row: Any) -> dict[str, Any]:
    return {key: value for key, value in vars(row).items() if key != "id"}


def _organization(site: Site, entry: Entry) -> None:
    known = site.store.first(Account, id=entry["id"])
    organization = _account(site, entry, "Organization")
    if known is not None:
        return  # its members may have been changed since: the first seed stands
    for role, logins in (("member", entry.get("members", ())), ("admin", entry.get("admins", ()))):
        for login in logins:
            site.store.put(Membership(0, organization.id, _person(site, login).id, role))


def _team(site: Site, entry: Entry) -> None:
    organization = _person(site, entry["organization"])
    known = site.store.first(Team, organization_id=organization.id, slug=entry["slug"])
    if known is not None:
        return
    name = entry.get("name", entry["slug"])
    team = site.store.insert(Team(0, organization.id, entry["slug"], name, now()))
    for login in entry.get("members", ()):
        person = _person(site, login)
        site.store.put(TeamMember(0, team.id, person.id))
        if not site.store.first(Membership, organization_id=organization.id, account_id=person.id):
            site.store.put(Membership(0, organization.id, person.id))


def _actions_app(site: Site, seed: Seed) -> None:
    """The App under which workflow runs post their checks; it is installed wherever a repository is."""
    entry = {
        "id": seed.actions.get("app_id", ACTIONS_APP),
        "slug": "github-actions",
        "name": "GitHub Actions",
        "account": ACTIONS_BOT,
        "client_id": "Iv1.actions",
        "permissions": {
            "contents": "write",
            "checks": "write",
            "pull_requests": "write",
            "statuses": "write",
        },
    }
    app = _app(site, entry)
    owners = {e["id"] for e in seed.organizations} | {e["id"] for e in seed.accounts}
    for owner in owners:
        if not site.store.first(Installation, app_id=app.id, account_id=owner):
            site.store.insert(Installation(0, app.id, owner, None, now()))


def _app(site: Site, entry: Entry) -> App:
    bot = {"id": entry["account"], "login": f"{entry['slug']}[bot]", "name": entry["name"]}
    _account(site, bot, "Bot")
    known = site.store.first(App, id=entry["id"])
    owner = site.store.first(Account, type="Organization") or site.account(entry["account"])
    row = App(
        entry["id"],
        entry["slug"],
        entry["name"],
        entry["account"],
        owner.id,
        entry["client_id"],
        entry.get("client_secret", ""),
        _public_key(entry.get("private_key_file")),
        entry.get("webhook_url", ""),
        entry.get("webhook_secret", ""),
        list(entry.get("callback_urls", ())),
        dict(entry.get("permissions", {})),
        list(entry.get("events", ())),
        known.created_at if known else now(),
    )
    return site.store.put(row) if known is None else site.store.update(known, **_columns(row))


def _public_key(private_key_file: str | None) -> str:
    """The stand-in keeps the public half only, as GitHub does."""
    if not private_key_file:
        return ""
    pem = Path(private_key_file).read_bytes()
    key = load_pem_private_key(pem, password=None, unsafe_skip_rsa_key_validation=True)
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _token(site: Site, entry: Entry) -> None:
    scopes = list(entry.get("scopes", ("repo",)))
    row = Token(0, "", "personal", account_id=_person(site, entry["login"]).id, scopes=scopes)
    issue(site, row, secret=entry["token"])


def _repository(site: Site, entry: Entry) -> None:
    owner = _person(site, entry["owner"])
    repository = _known(site, owner, entry["name"])
    if repository is not None:
        site.git(repository).create(repository.default_branch)
        return  # its teams and collaborators may have been changed since
    repository = create_repository(
        site,
        owner,
        entry["name"],
        private=bool(entry.get("private", True)),
        default_branch=entry.get("default_branch", "main"),
        description=entry.get("description"),
    )
    for slug, permission in entry.get("teams", {}).items():
        team = site.store.first(Team, organization_id=owner.id, slug=slug)
        if team is None:
            raise ValueError(f"the seed gives {entry['name']} to a team {slug} that it does not have")
        site.store.put(TeamRepository(0, team.id, repository.id, permission))
    for login, permission in entry.get("collaborators", {}).items():
        site.store.put(Collaborator(0, repository.id, _person(site, login).id, permission))


def _installations(site: Site, entry: Entry) -> None:
    for installation in entry.get("installations", ()):
        owner = _person(site, installation["account"])
        names = installation.get("repositories")
        found = None if names is None else [_of_owner(site, owner, name).id for name in names]
        known = site.store.first(Installation, app_id=entry["id"], account_id=owner.id)
        if known is None:
            site.store.insert(Installation(0, entry["id"], owner.id, found, now()))
        else:
            site.store.update(known, repositories=found)


def _of_owner(site: Site, owner: Account, name: str) -> Repository:
    found = _known(site, owner, name)
    if found is None:
        raise ValueError(f"the seed installs an App on {owner.login}/{name}, which it does not have")
    return found


def _known(site: Site, owner: Account, name: str) -> Repository | None:
    """By the address that the seed names, or that was its address when it was made."""
    found = site.store.first(Repository, owner_id=owner.id, name=name)
    return found or site.repository_once_named(owner.login, name)


def _person(site: Site, login: str) -> Account:
    found = site.account_named(login)
    if found is None:
        raise ValueError(f"the seed names an account {login} that it does not have")
    return found
