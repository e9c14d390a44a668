"""`/orgs/{org}/teams/...`: teams, who is in them, and which repositories they may use."""

from __future__ import annotations

import re
from typing import Any

from starlette.responses import Response

from standins.github.clock import now
from standins.github.errors import invalid, not_found
from standins.github.events import Event
from standins.github.rest.call import Call, answer, endpoint, no_content
from standins.github.rest.organizations import demand_member, organization_of
from standins.github.serialisers.accounts import full_team, simple_user, team_membership
from standins.github.serialisers.accounts import team as write_team
from standins.github.serialisers.repositories import repository as write_repository
from standins.github.store import Account, Membership, Repository, Team, TeamMember, TeamRepository


def team_of(call: Call, *, role: str = "member", level: str = "read") -> Team:
    organization = organization_of(call)
    demand_member(call, organization, role=role, level=level)
    found = call.site.store.first(Team, organization_id=organization.id, slug=call.path["slug"])
    if found is None:
        raise not_found()
    return found


def list_teams(call: Call) -> Response:
    organization = organization_of(call)
    demand_member(call, organization)
    teams = call.site.store.find(Team, organization_id=organization.id)
    return call.page(teams, lambda one: write_team(call.site, one))


def get_team(call: Call) -> Response:
    return answer(full_team(call.site, team_of(call)))


def create_team(call: Call) -> Response:
    organization = organization_of(call)
    demand_member(call, organization, role="admin", level="write")
    name = call.field("name", str)
    slug = _free_slug(call, organization, name)
    team = call.site.store.insert(Team(0, organization.id, slug, name, now()))
    _tell(call, "team", "created", team)
    return answer(full_team(call.site, team), 201)


def _free_slug(call: Call, organization: Account, name: str, own: Team | None = None) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    taken = call.site.store.first(Team, organization_id=organization.id, slug=slug)
    if taken is not None and taken != own:
        raise invalid("Validation Failed", {"resource": "Team", "code": "already_exists", "field": "name"})
    return slug


def update_team(call: Call) -> Response:
    """Another name, and so another address; the number stays."""
    team = team_of(call, role="admin", level="write")
    name = call.field("name", str, team.name)
    slug = _free_slug(call, call.site.account(team.organization_id), name, own=team)
    renamed = call.site.store.update(team, name=name, slug=slug)
    if name != team.name:
        _tell(call, "team", "edited", renamed, changes={"name": {"from": team.name}})
    return answer(full_team(call.site, renamed))


def delete_team(call: Call) -> Response:
    team = team_of(call, role="admin", level="write")
    with call.site.store.transaction():
        for kind in (TeamMember, TeamRepository):
            call.site.store.delete(kind, team_id=team.id)
        call.site.store.delete(Team, id=team.id)
    _tell(call, "team", "deleted", team)
    return no_content()


def list_members(call: Call) -> Response:
    team = team_of(call)
    role = call.query("role", "all")
    rows = call.site.store.find(TeamMember, team_id=team.id)
    rows = [row for row in rows if role in ("all", row.role)]
    return call.page(rows, lambda row: simple_user(call.site, call.site.account(row.account_id)))


def get_membership(call: Call) -> Response:
    team = team_of(call)
    row = call.site.store.first(TeamMember, team_id=team.id, account_id=_account(call).id)
    if row is None:
        raise not_found()
    return answer(team_membership(call.site, team, row))


def set_membership(call: Call) -> Response:
    team = team_of(call, role="admin", level="write")
    account, store = _account(call), call.site.store
    known = store.first(TeamMember, team_id=team.id, account_id=account.id)
    row = store.put(TeamMember(0, team.id, account.id, call.field("role", str, "member")))
    if not store.first(Membership, organization_id=team.organization_id, account_id=account.id):
        store.insert(Membership(0, team.organization_id, account.id))
        _tell(call, "organization", "member_added", team, member=account)
    if known is None:
        _tell(call, "membership", "added", team, member=account)
    return answer(team_membership(call.site, team, row))


def remove_membership(call: Call) -> Response:
    team = team_of(call, role="admin", level="write")
    account = _account(call)
    if not call.site.store.delete(TeamMember, team_id=team.id, account_id=account.id):
        raise not_found()
    _tell(call, "membership", "removed", team, member=account)
    return no_content()


def list_repositories(call: Call) -> Response:
    rows = call.site.store.find(TeamRepository, team_id=team_of(call).id)

    def write(row: TeamRepository) -> dict[str, Any]:
        return write_repository(call.site, call.site.store.get(Repository, row.repository_id), row.permission)

    return call.page(rows, write)


def set_repository(call: Call) -> Response:
    team = team_of(call)
    repository = call.repository("administration", "write", "admin")
    permission = call.field("permission", str, "push")
    call.site.store.put(TeamRepository(0, team.id, repository.id, permission))
    _tell(call, "team", "added_to_repository", team, repository)
    return no_content()


def remove_repository(call: Call) -> Response:
    team = team_of(call)
    repository = call.repository("administration", "write", "admin")
    call.site.store.delete(TeamRepository, team_id=team.id, repository_id=repository.id)
    _tell(call, "team", "removed_from_repository", team, repository)
    return no_content()


def teams_of_repository(call: Call) -> Response:
    repository = call.repository("administration", "read", "push")
    rows = call.site.store.find(TeamRepository, repository_id=repository.id)
    return call.page(
        rows, lambda row: write_team(call.site, call.site.store.get(Team, row.team_id), row.permission)
    )


def _account(call: Call) -> Account:
    found = call.site.account_named(call.path["login"])
    if found is None:
        raise not_found()
    return found


def _tell(
    call: Call, name: str, action: str, team: Team, repository: Repository | None = None, **facts: Any
) -> None:
    organization = call.site.account(team.organization_id)
    sender, app_id = call.person(), call.principal.app_id
    event = Event(name, action, repository, organization, sender, app_id, {"team": team, **facts})
    call.site.bus.emit(event)


_TEAM = "/orgs/{org}/teams/{slug}"
ROUTES = [
    endpoint("GET", "/orgs/{org}/teams", list_teams),
    endpoint("POST", "/orgs/{org}/teams", create_team),
    endpoint("GET", _TEAM, get_team),
    endpoint("PATCH", _TEAM, update_team),
    endpoint("DELETE", _TEAM, delete_team),
    endpoint("GET", f"{_TEAM}/members", list_members),
    endpoint("GET", f"{_TEAM}/memberships/{{login}}", get_membership),
    endpoint("PUT", f"{_TEAM}/memberships/{{login}}", set_membership),
    endpoint("DELETE", f"{_TEAM}/memberships/{{login}}", remove_membership),
    endpoint("GET", f"{_TEAM}/repos", list_repositories),
    endpoint("PUT", f"{_TEAM}/repos/{{owner}}/{{repo}}", set_repository),
    endpoint("DELETE", f"{_TEAM}/repos/{{owner}}/{{repo}}", remove_repository),
    endpoint("GET", "/repos/{owner}/{repo}/teams", teams_of_repository),
]
