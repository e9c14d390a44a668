"""Installations ended, suspended and changed: by the App itself, and by who administers the account."""

from __future__ import annotations

from starlette.responses import Response

from standins.github import installing
from standins.github.auth.access import role_of
from standins.github.errors import forbidden, invalid, not_found
from standins.github.rest.apps import app_of, installation_of
from standins.github.rest.call import Call, endpoint, no_content
from standins.github.store import Account, Installation, Membership, Repository


def delete_installation(call: Call) -> Response:
    installing.uninstall(call.site, installation_of(call), by=_owner(call))
    return Response(status_code=202)


def suspend(call: Call) -> Response:
    installing.suspend(call.site, installation_of(call), by=_owner(call))
    return no_content()


def let_in_again(call: Call) -> Response:
    installing.let_in_again(call.site, installation_of(call), by=_owner(call))
    return no_content()


def add_repository(call: Call) -> Response:
    row, repository = _changed(call)
    chosen = [*(row.repositories or ()), repository.id]
    installing.choose(call.site, row, chosen, by=call.person())
    return no_content()


def remove_repository(call: Call) -> Response:
    """The last one cannot go: that is what uninstalling is for."""
    row, repository = _changed(call)
    left = [one for one in row.repositories or () if one != repository.id]
    if not left:
        raise invalid("Validation Failed", "The last repository cannot be removed from an installation.")
    installing.choose(call.site, row, left, by=call.person())
    return no_content()


def _owner(call: Call) -> Account:
    """An App that acts by its own key does so for whoever owns it."""
    return call.site.account(app_of(call).owner_id)


def _changed(call: Call) -> tuple[Installation, Repository]:
    """An installation on chosen repositories, and one of its account's, for who administers both."""
    person, store = call.person(), call.site.store
    row = store.first(Installation, id=call.number("id"))
    repository = store.first(Repository, id=call.number("repository_id"))
    if row is None or repository is None or repository.owner_id != row.account_id:
        raise not_found()
    member = store.first(Membership, organization_id=row.account_id, account_id=person.id)
    if person.id != row.account_id and (member is None or member.role != "admin"):
        raise not_found()
    if call.principal.kind != "personal" or role_of(call.site, repository, person) != "admin":
        raise forbidden()
    if row.repositories is None:
        raise invalid("Validation Failed", "This installation reaches all repositories.")
    return row, repository


_INSTALLATION = "/app/installations/{id}"
_CHOSEN = "/user/installations/{id}/repositories/{repository_id}"
ROUTES = [
    endpoint("DELETE", _INSTALLATION, delete_installation),
    endpoint("PUT", f"{_INSTALLATION}/suspended", suspend),
    endpoint("DELETE", f"{_INSTALLATION}/suspended", let_in_again),
    endpoint("PUT", _CHOSEN, add_repository),
    endpoint("DELETE", _CHOSEN, remove_repository),
]
