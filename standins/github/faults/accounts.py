"""`/_standin/accounts`, `/_standin/installations`: what only GitHub itself or its pages can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, Response

from standins.github import installing, people
from standins.github.errors import invalid, not_found
from standins.github.serialisers.accounts import simple_user
from standins.github.serialisers.checks import installation as write_installation
from standins.github.site import Site
from standins.github.store import Account, App, Repository

Said = Mapping[str, Any]


def change_account(site: Site, path: Mapping[str, str], said: Said) -> Response:
    account = _account(site, path["login"])
    match dict(said):
        case {"suspended": True, **rest} if not rest:
            people.suspend(site, account)
        case {"suspended": False, **rest} if not rest:
            people.let_in_again(site, account)
        case {"login": str(login), **rest} if not rest:
            account = people.rename(site, account, login)
        case _:
            raise invalid("Validation Failed", 'say {"suspended": true or false} or {"login": "new"}')
    return JSONResponse(simple_user(site, account))


def remove_account(site: Site, path: Mapping[str, str], _said: Said) -> Response:
    people.remove(site, _account(site, path["login"]))
    return Response(status_code=204)


def install_app(site: Site, _path: Mapping[str, str], said: Said) -> Response:
    """On `repositories` by name, or on all where that is null; in the name of the account itself."""
    if said.keys() != {"app", "account", "repositories"}:
        raise invalid("Validation Failed", "say app, account and repositories")
    app, account = site.store.first(App, id=said["app"]), _account(site, str(said["account"]))
    if app is None:
        raise not_found()
    names = said["repositories"]
    chosen = None if names is None else [_repository(site, account, str(name)) for name in names]
    made = installing.install(site, app, account, chosen, by=account)
    return JSONResponse(write_installation(site, made), 201)


def _account(site: Site, login: str) -> Account:
    found = site.account_named(login)
    if found is None:
        raise not_found()
    return found


def _repository(site: Site, account: Account, name: str) -> Repository:
    found = site.store.first(Repository, owner_id=account.id, name=name)
    if found is None:
        raise not_found()
    return found
