"""`/repos/{owner}/{repo}`: the repository itself, its collaborators, and making one."""

from __future__ import annotations

from starlette.responses import Response

from standins.github.auth.access import LEGACY, NAMES, role_of, visible
from standins.github.creation import create_repository
from standins.github.errors import forbidden, invalid, not_found
from standins.github.events import Event
from standins.github.moving import demand_free
from standins.github.rest.call import Call, answer, endpoint, no_content
from standins.github.rest.organizations import demand_member, organization_of
from standins.github.serialisers.accounts import collaborator as write_collaborator
from standins.github.serialisers.repositories import full_repository
from standins.github.serialisers.repositories import repository as write_repository
from standins.github.store import Account, Collaborator, Repository, TeamMember, TeamRepository


def get_repository(call: Call) -> Response:
    repository = call.repository()
    return answer(full_repository(call.site, repository, _role(call, repository)))


def _role(call: Call, repository: Repository) -> str:
    principal = call.principal
    if principal.kind in ("personal", "user") and principal.account:
        return role_of(call.site, repository, principal.account)
    writes = (principal.permissions or {}).get("contents") == "write"
    return "push" if writes else "pull"


def my_repositories(call: Call) -> Response:
    person = call.person()
    rows = [row for row in call.site.store.find(Repository) if visible(call.site, call.principal, row)]
    mine = [row for row in rows if role_of(call.site, row, person) != "none"]
    return call.page(mine, lambda row: write_repository(call.site, row, role_of(call.site, row, person)))


def list_of_owner(call: Call) -> Response:
    owner = call.site.account_named(call.path["org"])
    if owner is None:
        raise not_found()
    rows = call.site.store.find(Repository, owner_id=owner.id)
    rows = [row for row in rows if visible(call.site, call.principal, row)]
    return call.page(rows, lambda row: write_repository(call.site, row, _role(call, row)))


def create_for_me(call: Call) -> Response:
    if call.principal.kind != "personal" or "repo" not in call.principal.scopes:
        raise forbidden()
    return _create(call, call.person())


def create_in_organization(call: Call) -> Response:
    organization = organization_of(call)
    demand_member(call, organization, role="admin")
    if call.principal.kind != "personal" or "repo" not in call.principal.scopes:
        raise forbidden()
    return _create(call, organization)


def _create(call: Call, owner: Account) -> Response:
    name = call.field("name", str)
    demand_free(call.site, owner, name)
    if call.json.get("auto_init"):
        raise invalid("Validation Failed", "auto_init is not implemented here")
    private = call.field("private", bool, False)
    description = call.json.get("description")
    row = create_repository(
        call.site, owner, name, private=private, default_branch="main", description=description
    )
    call.site.bus.emit(
        Event("repository", "created", row, sender=call.person(), app_id=call.principal.app_id)
    )
    return answer(full_repository(call.site, row, "admin"), 201)


def list_collaborators(call: Call) -> Response:
    repository = call.repository("metadata", "read", "push")
    ids = {row.account_id for row in call.site.store.find(Collaborator, repository_id=repository.id)}
    for grant in call.site.store.find(TeamRepository, repository_id=repository.id):
        ids |= {row.account_id for row in call.site.store.find(TeamMember, team_id=grant.team_id)}
    people = [call.site.account(one) for one in sorted(ids)]
    return call.page(
        people, lambda one: write_collaborator(call.site, one, role_of(call.site, repository, one))
    )


def get_permission(call: Call) -> Response:
    repository = call.repository("metadata", "read", "push")
    account = _account(call)
    role = role_of(call.site, repository, account)
    return answer(
        {
            "permission": LEGACY[role],
            "role_name": NAMES.get(role, role),
            "user": write_collaborator(call.site, account, role),
        }
    )


def check_collaborator(call: Call) -> Response:
    repository = call.repository("metadata", "read", "push")
    if role_of(call.site, repository, _account(call)) == "none":
        raise not_found()
    return no_content()


def set_collaborator(call: Call) -> Response:
    repository = call.repository("administration", "write", "admin")
    account = _account(call)
    permission = call.field("permission", str, "push")
    call.site.store.put(Collaborator(0, repository.id, account.id, permission))
    _tell(call, repository, account, "added")
    return no_content()


def remove_collaborator(call: Call) -> Response:
    repository = call.repository("administration", "write", "admin")
    account = _account(call)
    call.site.store.delete(Collaborator, repository_id=repository.id, account_id=account.id)
    _tell(call, repository, account, "removed")
    return no_content()


def _account(call: Call) -> Account:
    found = call.site.account_named(call.path["login"])
    if found is None:
        raise not_found()
    return found


def _tell(call: Call, repository: Repository, account: Account, action: str) -> None:
    sender, app_id = call.person(), call.principal.app_id
    event = Event("member", action, repository, None, sender, app_id, {"member": account})
    call.site.bus.emit(event)


_REPOSITORY = "/repos/{owner}/{repo}"
_COLLABORATOR = f"{_REPOSITORY}/collaborators/{{login}}"
ROUTES = [
    endpoint("GET", _REPOSITORY, get_repository),
    endpoint("GET", "/user/repos", my_repositories),
    endpoint("POST", "/user/repos", create_for_me),
    endpoint("GET", "/orgs/{org}/repos", list_of_owner),
    endpoint("POST", "/orgs/{org}/repos", create_in_organization),
    endpoint("GET", f"{_REPOSITORY}/collaborators", list_collaborators),
    endpoint("GET", f"{_COLLABORATOR}/permission", get_permission),
    endpoint("GET", _COLLABORATOR, check_collaborator),
    endpoint("PUT", _COLLABORATOR, set_collaborator),
    endpoint("DELETE", _COLLABORATOR, remove_collaborator),
]
