"""`/user`, `/users/...`: people by login and by id."""

from __future__ import annotations

from starlette.responses import Response

from standins.github.errors import ApiError, forbidden, not_found
from standins.github.rest.call import Call, answer, endpoint
from standins.github.rest.manners import caller_of
from standins.github.serialisers.accounts import private_user, public_user, simple_organization
from standins.github.site import Site
from standins.github.store import Account, Membership


def me(call: Call) -> Response:
    if call.principal.kind == "installation":
        raise forbidden()
    return answer(private_user(call.site, call.person()))


def my_emails(call: Call) -> Response:
    person = call.person()
    if call.principal.kind == "installation":
        raise forbidden()
    email = {"email": person.email, "primary": True, "verified": True, "visibility": "private"}
    return answer([email] if person.email else [])


def my_organizations(call: Call) -> Response:
    person = call.person()
    memberships = call.site.store.find(Membership, account_id=person.id)
    return call.page(
        memberships, lambda one: simple_organization(call.site, call.site.account(one.organization_id))
    )


def by_login(call: Call) -> Response:
    return _answer(call.site, call.site.account_named(call.path["login"]))


def by_id(call: Call) -> Response:
    return _answer(call.site, call.site.store.first(Account, id=call.number("account_id")))


def _answer(site: Site, account: Account | None) -> Response:
    if account is None:
        raise not_found()
    return answer(public_user(site, account))


def rate_limit(call: Call) -> Response:
    """Where the caller stands; asking costs nothing."""
    if call.principal.kind == "anonymous":
        raise ApiError(401, "Requires authentication")
    caller = caller_of(call.principal, call.request)
    resources = {name: _standing(call.site, caller, name) for name in ("core", "search", "graphql")}
    return answer({"resources": resources})


def _standing(site: Site, caller: str, resource: str) -> dict[str, int]:
    hour = site.rates.hour(caller, resource)
    return {"limit": hour.limit, "used": hour.used, "remaining": hour.remaining, "reset": hour.reset}


def meta(_call: Call) -> Response:
    return answer({"verifiable_password_authentication": False})


ROUTES = [
    endpoint("GET", "/user", me),
    endpoint("GET", "/user/emails", my_emails),
    endpoint("GET", "/user/orgs", my_organizations),
    endpoint("GET", "/user/{account_id}", by_id),
    endpoint("GET", "/users/{login}", by_login),
    endpoint("GET", "/rate_limit", rate_limit),
    endpoint("GET", "/meta", meta),
]
