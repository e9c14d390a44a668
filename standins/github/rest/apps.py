"""`/app...`, `/installation...`: Apps by their JWT, their installations and tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from standins.github.auth.access import LEVELS, visible
from standins.github.auth.principal import demand_active
from standins.github.auth.tokens import INSTALLATION_SECONDS, digest, issue_installation_token
from standins.github.clock import later
from standins.github.errors import ApiError, forbidden, invalid, not_found
from standins.github.installing import reached_by
from standins.github.rest.call import Call, answer, endpoint, no_content
from standins.github.serialisers.checks import app as write_app
from standins.github.serialisers.checks import installation as write_installation
from standins.github.serialisers.repositories import repository as write_repository
from standins.github.store import App, Installation, Repository, Token


def app_of(call: Call) -> App:
    """The App that signs this call with its own key."""
    if call.principal.kind != "app" or call.principal.app is None:
        raise ApiError(401, "A JSON web token could not be decoded")
    return call.principal.app


def get_app(call: Call) -> Response:
    return answer(write_app(call.site, app_of(call)))


def by_slug(call: Call) -> Response:
    found = call.site.store.first(App, slug=call.path["slug"])
    if found is None:
        raise not_found()
    return answer(write_app(call.site, found))


def list_installations(call: Call) -> Response:
    rows = call.site.store.find(Installation, app_id=app_of(call).id)
    return call.page(rows, lambda row: write_installation(call.site, row))


def get_installation(call: Call) -> Response:
    return answer(write_installation(call.site, installation_of(call)))


def of_repository(call: Call) -> Response:
    app = app_of(call)
    named = call.site.repository_named(call.path["owner"], call.path["repo"])
    repository = named or call.former()
    owner = repository.owner_id if repository else 0
    found = call.site.store.first(Installation, app_id=app.id, account_id=owner)
    if found is None or repository is None or repository not in reached_by(call.site, found):
        raise not_found()
    if named is None:
        raise call.moved(repository)
    return answer(write_installation(call.site, found))


def of_account(call: Call) -> Response:
    app = app_of(call)
    account = call.site.account_named(call.path["login"])
    found = account and call.site.store.first(Installation, app_id=app.id, account_id=account.id)
    if not found:
        raise not_found()
    return answer(write_installation(call.site, found))


def create_token(call: Call) -> Response:
    app, installation = app_of(call), installation_of(call)
    demand_active(call.site, installation)
    permissions = _permissions(call, app)
    repositories = _repositories(call, installation)
    secret = issue_installation_token(
        call.site, app, installation, permissions=permissions, repositories=repositories
    )
    everything = repositories is None and installation.repositories is None
    content: dict[str, Any] = {
        "token": secret,
        "expires_at": later(INSTALLATION_SECONDS),
        "permissions": {"metadata": "read", **permissions},
        "repository_selection": "all" if everything else "selected",
    }
    if repositories is not None:
        content["repositories"] = [write_repository(call.site, one) for one in repositories]
    return answer(content, 201)


def revoke_token(call: Call) -> Response:
    if call.principal.kind != "installation":
        raise forbidden()
    secret = call.request.headers["authorization"].partition(" ")[2].strip()
    call.site.store.delete(Token, digest=digest(secret))
    return no_content()


def my_repositories(call: Call) -> Response:
    if call.principal.kind != "installation":
        raise forbidden()
    owner = call.principal.installation.account_id if call.principal.installation else 0
    rows = call.site.store.find(Repository, owner_id=owner)
    reached = call.principal.repositories
    rows = [row for row in rows if reached is None or row.id in reached]
    return call.page(rows, lambda row: write_repository(call.site, row), wrap="repositories")


def installations_of_user(call: Call) -> Response:
    """The installations of the App that the calling person has a repository in, as `/user/installations`."""
    if call.principal.kind != "user":
        raise forbidden()
    rows = [
        row
        for row in call.site.store.find(Installation, app_id=call.principal.app_id)
        if any(
            visible(call.site, call.principal, one)
            for one in call.site.store.find(Repository, owner_id=row.account_id)
        )
    ]
    return call.page(rows, lambda row: write_installation(call.site, row), wrap="installations")


def installation_of(call: Call) -> Installation:
    """The installation of the path, of the App that signs this call."""
    found = call.site.store.first(Installation, id=call.number("id"), app_id=app_of(call).id)
    if found is None:
        raise not_found()
    return found


def _permissions(call: Call, app: App) -> dict[str, str]:
    """Those asked for, if the App has them; all of the App's where none are asked for."""
    asked = call.field("permissions", Mapping, app.permissions)  # type: ignore[type-abstract]
    held = {"metadata": "read", **app.permissions}
    for name, level in asked.items():
        if level not in LEVELS or LEVELS.index(level) > LEVELS.index(held.get(name, "none")):
            raise invalid("The permissions requested are not granted to this installation.")
    return dict(asked)


def _repositories(call: Call, installation: Installation) -> list[Repository] | None:
    names, ids = call.field("repositories", list, []), call.field("repository_ids", list, [])
    if not names and not ids:
        return None
    chosen = [row for row in reached_by(call.site, installation) if row.name in names or row.id in ids]
    if len(chosen) < len(set(names)) + len(set(ids)):
        raise invalid("There is at least one repository that does not exist or is not accessible.")
    return chosen


ROUTES = [
    endpoint("GET", "/app", get_app),
    endpoint("GET", "/apps/{slug}", by_slug),
    endpoint("GET", "/app/installations", list_installations),
    endpoint("GET", "/app/installations/{id}", get_installation),
    endpoint("POST", "/app/installations/{id}/access_tokens", create_token),
    endpoint("GET", "/repos/{owner}/{repo}/installation", of_repository),
    endpoint("GET", "/orgs/{login}/installation", of_account),
    endpoint("GET", "/users/{login}/installation", of_account),
    endpoint("GET", "/installation/repositories", my_repositories),
    endpoint("DELETE", "/installation/token", revoke_token),
    endpoint("GET", "/user/installations", installations_of_user),
]
