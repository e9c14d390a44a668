"""`/orgs/{org}`: organisations and their members."""

from __future__ import annotations

from starlette.responses import Response

from standins.github.auth.principal import Principal
from standins.github.errors import forbidden, invalid, not_found
from standins.github.events import Event
from standins.github.rest.call import Call, answer, endpoint, no_content
from standins.github.serialisers.accounts import membership as write_membership
from standins.github.serialisers.accounts import organization as write_organization
from standins.github.serialisers.accounts import simple_user
from standins.github.site import Site
from standins.github.store import Account, Installation, Membership, Team, TeamMember


def organization_of(call: Call) -> Account:
    found = call.site.account_named(call.path["org"])
    if found is None or found.type != "Organization":
        raise not_found()
    return found


def demand_reach(site: Site, principal: Principal, organization: Account) -> None:
    """404 for whoever may not read who is in it."""
    if not _reaches(site, principal, organization, "read"):
        raise not_found()
    person = principal.account.id if principal.account else 0
    inside = site.store.first(Membership, organization_id=organization.id, account_id=person)
    if principal.kind != "installation" and inside is None:
        raise not_found()


def demand_member(call: Call, organization: Account, *, role: str = "member", level: str = "read") -> None:
    """A member of it (or its administrator), or an App there with the permission `members`; else 404, 403."""
    if not _reaches(call.site, call.principal, organization, level):
        raise not_found()
    if call.principal.kind == "installation":
        return
    held = call.site.store.first(Membership, organization_id=organization.id, account_id=call.person().id)
    if held is None:
        raise not_found()
    if role == "admin" and held.role != "admin":
        raise forbidden("You must be an admin of the organization.")


def _reaches(site: Site, principal: Principal, organization: Account, level: str) -> bool:
    if principal.kind == "personal":
        wanted = (
            {"read:org", "write:org", "admin:org", "repo"} if level == "read" else {"write:org", "admin:org"}
        )
        return bool(wanted & set(principal.scopes))
    if principal.kind not in ("installation", "user"):
        return False
    granted = (principal.permissions or {}).get("members", "none")
    if granted != "write" and granted != level:
        return False
    return bool(site.store.first(Installation, app_id=principal.app_id, account_id=organization.id))


def get_organization(call: Call) -> Response:
    return answer(write_organization(call.site, organization_of(call)))


def list_members(call: Call) -> Response:
    organization = organization_of(call)
    demand_member(call, organization)
    role = call.query("role", "all")
    rows = call.site.store.find(Membership, organization_id=organization.id)
    rows = [row for row in rows if role in ("all", row.role)]
    return call.page(rows, lambda row: simple_user(call.site, call.site.account(row.account_id)))


def check_member(call: Call) -> Response:
    organization = organization_of(call)
    demand_member(call, organization)
    _member(call, organization)
    return no_content()


def get_membership(call: Call) -> Response:
    organization = organization_of(call)
    demand_member(call, organization)
    return answer(write_membership(call.site, _member(call, organization)))


def set_membership(call: Call) -> Response:
    organization = organization_of(call)
    demand_member(call, organization, role="admin", level="write")
    account = call.site.account_named(call.path["login"])
    role = call.field("role", str, "member")
    if account is None or account.type != "User":
        raise not_found()
    if role not in ("member", "admin"):
        raise invalid("Validation Failed", "role is member or admin")
    known = call.site.store.first(Membership, organization_id=organization.id, account_id=account.id)
    row = call.site.store.put(Membership(0, organization.id, account.id, role))
    if known is None:
        _tell(call, organization, account, "member_added")
    return answer(write_membership(call.site, row))


def remove_member(call: Call) -> Response:
    organization = organization_of(call)
    demand_member(call, organization, role="admin", level="write")
    row = _member(call, organization)
    account = call.site.account(row.account_id)
    with call.site.store.transaction():
        call.site.store.delete(Membership, id=row.id)
        for team in call.site.store.find(Team, organization_id=organization.id):
            call.site.store.delete(TeamMember, team_id=team.id, account_id=account.id)
    _tell(call, organization, account, "member_removed")
    return no_content()


def _member(call: Call, organization: Account) -> Membership:
    account = call.site.account_named(call.path["login"])
    store = call.site.store
    row = account and store.first(Membership, organization_id=organization.id, account_id=account.id)
    if not row:
        raise not_found()
    return row


def _tell(call: Call, organization: Account, account: Account, action: str) -> None:
    facts = {"member": account}
    sender, app_id = call.person(), call.principal.app_id
    event = Event("organization", action, None, organization, sender, app_id, facts)
    call.site.bus.emit(event)


ROUTES = [
    endpoint("GET", "/orgs/{org}", get_organization),
    endpoint("GET", "/orgs/{org}/members", list_members),
    endpoint("GET", "/orgs/{org}/members/{login}", check_member),
    endpoint("DELETE", "/orgs/{org}/members/{login}", remove_member),
    endpoint("GET", "/orgs/{org}/memberships/{login}", get_membership),
    endpoint("PUT", "/orgs/{org}/memberships/{login}", set_membership),
    endpoint("DELETE", "/orgs/{org}/memberships/{login}", remove_member),
]
