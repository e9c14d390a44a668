"""`/applications/{client_id}/...`: an App looks at and ends what people let it do, by its client secret."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from standins.github.auth.authorizations import end_token, person_token, revoke
from standins.github.auth.tokens import find_token, issue_user_tokens
from standins.github.errors import ApiError, invalid, not_found
from standins.github.rest.call import Call, answer, endpoint, no_content
from standins.github.serialisers.accounts import simple_user
from standins.github.store import App, Token


def check_token(call: Call) -> Response:
    app, secret = _client(call), call.field("access_token", str)
    token = find_token(call.site, secret)
    if token is None or token.kind != "user" or token.app_id != app.id:
        raise not_found()
    return answer(_authorization(call, app, token, secret))


def reset_token(call: Call) -> Response:
    """Another token in its place."""
    app, token = _client(call), _token(call)
    access, _ = issue_user_tokens(call.site, app, call.site.account(token.account_id or 0))
    end_token(call.site, token)
    fresh = person_token(call.site, app, access)
    assert fresh is not None
    return answer(_authorization(call, app, fresh, access))


def delete_token(call: Call) -> Response:
    _client(call)
    end_token(call.site, _token(call))
    return no_content()


def delete_grant(call: Call) -> Response:
    """Everything that the person behind this token let the App do."""
    app, token = _client(call), _token(call)
    revoke(call.site, app, call.site.account(token.account_id or 0))
    return no_content()


def _client(call: Call) -> App:
    """The App of the path, which shows its client id and secret as Basic credentials."""
    app = call.principal.app
    if call.principal.kind != "client" or app is None:
        raise ApiError(401, "Bad credentials")
    if app.client_id != call.path["client_id"]:
        raise not_found()
    return app


def _token(call: Call) -> Token:
    found = person_token(call.site, _client(call), call.field("access_token", str))
    if found is None:
        raise invalid("Validation Failed", {"resource": "OauthAccess", "code": "missing", "field": "token"})
    return found


def _authorization(call: Call, app: App, token: Token, secret: str) -> dict[str, Any]:
    return {
        "id": token.id,
        "url": f"{call.site.api}/authorizations/{token.id}",
        "scopes": [],
        "token": secret,
        "token_last_eight": secret[-8:],
        "hashed_token": token.digest,
        "app": {"client_id": app.client_id, "name": app.name, "url": f"{call.site.url}/apps/{app.slug}"},
        "note": None,
        "note_url": None,
        "fingerprint": None,
        "created_at": token.created_at,
        "updated_at": token.created_at,
        "expires_at": token.expires_at,
        "user": simple_user(call.site, call.site.account(token.account_id or 0)),
        "installation": None,
    }


_TOKEN = "/applications/{client_id}/token"  # noqa: S105 - a path
ROUTES = [
    endpoint("POST", _TOKEN, check_token),
    endpoint("PATCH", _TOKEN, reset_token),
    endpoint("DELETE", _TOKEN, delete_token),
    endpoint("DELETE", "/applications/{client_id}/grant", delete_grant),
]
