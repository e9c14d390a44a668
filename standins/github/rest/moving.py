"""`/repos/{owner}/{repo}`: another name, another owner, other settings."""

from __future__ import annotations

from starlette.responses import Response

from standins.github import moving
from standins.github.auth.access import role_of
from standins.github.errors import ApiError, forbidden, not_found
from standins.github.rest.call import Call, answer, endpoint, not_implemented
from standins.github.rest.settings import update_repository
from standins.github.serialisers.repositories import full_repository, minimal_repository
from standins.github.store import Account, Membership


def change(call: Call) -> Response:
    """A name by itself, or settings."""
    if "name" not in call.json:
        return update_repository(call)
    repository = call.repository("administration", "write", "admin")
    if call.json.keys() != {"name"}:
        return not_implemented(call)
    renamed = moving.rename(call.site, repository, call.field("name", str), by=call.person())
    return answer(full_repository(call.site, renamed, role_of(call.site, renamed, call.person())))


def transfer(call: Call) -> Response:
    """202: here it is done when this is answered, on GitHub a little later."""
    repository = call.repository("administration", "write", "admin")
    owner = call.site.account_named(call.field("new_owner", str))
    if owner is None:
        raise not_found()
    _demand_place(call, owner)
    if call.json.get("team_ids"):
        raise ApiError(501, "Not implemented here: team_ids of a transfer")
    name = call.field("new_name", str, repository.name)
    moved = moving.transfer(call.site, repository, owner, by=call.person(), name=name)
    return answer(minimal_repository(call.site, moved), 202)


def _demand_place(call: Call, owner: Account) -> None:
    """An organisation takes it from its own members; a person from anybody (on GitHub: once they agree)."""
    if owner.type == "Organization":
        person = call.person().id
        if not call.site.store.first(Membership, organization_id=owner.id, account_id=person):
            raise forbidden("You don't have the permission to create repositories on this organization.")


_REPOSITORY = "/repos/{owner}/{repo}"
ROUTES = [
    endpoint("PATCH", _REPOSITORY, change),
    endpoint("POST", f"{_REPOSITORY}/transfer", transfer),
]
