"""`/login/oauth/...`: signing in to an App as one of the demo's people."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from standins.github.auth.tokens import (
    CODE_SECONDS,
    REFRESH_SECONDS,
    USER_SECONDS,
    find_token,
    issue,
    issue_user_tokens,
)
from standins.github.clock import later
from standins.github.site import Site
from standins.github.store import Account, App, Token
from standins.github.web.page import page
from standins.github.web.session import REFUSED, account_button, is_suspended, signed_in

_KEPT = ("client_id", "redirect_uri", "state", "scope", "code_challenge", "code_challenge_method")


async def authorize(request: Request) -> Response:
    """The form on which to choose an account; sent, it leads back to the App with a code."""
    if request.method == "POST":
        form = {key: str(value) for key, value in (await request.form()).items()}
        return await run_in_threadpool(_grant, request, form)
    return await run_in_threadpool(_choose, request, dict(request.query_params))


def _choose(request: Request, query: Mapping[str, str]) -> Response:
    site: Site = request.app.state.site
    app = site.store.first(App, client_id=query.get("client_id", ""))
    if app is None or _redirect(app, query) is None:
        return HTMLResponse(page("Not found", "<p>No App has this client id and callback address.</p>"), 404)
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(query[name])}">'
        for name in _KEPT
        if name in query
    )
    people = [one for one in site.store.find(Account, type="User") if query.get("login") in (None, one.login)]
    buttons = "".join(account_button(one) for one in people)
    body = f"<p>Sign in to <strong>{escape(app.name)}</strong> as</p>"
    form = f'<form method="post" action="/login/oauth/authorize">{hidden}{buttons}</form>'
    return HTMLResponse(page("Sign in", body + form))


def _redirect(app: App, query: Mapping[str, str]) -> str | None:
    """The address asked for, if it lies at or below one that the App has registered."""
    wanted = query.get("redirect_uri") or (app.callback_urls[0] if app.callback_urls else "")
    for known in app.callback_urls:
        own, asked = urlsplit(known), urlsplit(wanted)
        below = asked.path == own.path or asked.path.startswith(own.path.rstrip("/") + "/")
        if (asked.scheme, asked.netloc) == (own.scheme, own.netloc) and below:
            return wanted
    return None


def _grant(request: Request, form: Mapping[str, str]) -> Response:
    site: Site = request.app.state.site
    app = site.store.first(App, client_id=form.get("client_id", ""))
    account = site.store.first(Account, login=form.get("login", ""), type="User")
    target = _redirect(app, form) if app else None
    if app is None or account is None or target is None:
        return HTMLResponse(page("Not found", "<p>No such App, account or callback address.</p>"), 404)
    if is_suspended(site, account.id):
        return REFUSED
    details = {
        name: form[name]
        for name in ("redirect_uri", "code_challenge", "code_challenge_method")
        if name in form
    }
    code = issue(
        site,
        Token(
            0,
            "",
            "code",
            account_id=account.id,
            app_id=app.id,
            details=details,
            expires_at=later(CODE_SECONDS),
        ),
    )
    answer = {"code": code, **({"state": form["state"]} if "state" in form else {})}
    return signed_in(site, account, RedirectResponse(_with_query(target, answer), 302))


def _with_query(address: str, added: Mapping[str, str]) -> str:
    parts = urlsplit(address)
    query = urlencode([*parse_qsl(parts.query), *added.items()])
    return urlunsplit(parts._replace(query=query))


async def access_token(request: Request) -> Response:
    """A code or a refresh token for a pair of tokens, each good once."""
    given = await _given(request)
    answer = await run_in_threadpool(_exchange, request.app.state.site, given)
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse(answer)
    return Response(urlencode(answer), media_type="application/x-www-form-urlencoded")


async def _given(request: Request) -> dict[str, str]:
    query = dict(request.query_params)
    if "json" in request.headers.get("content-type", ""):
        return {**query, **{key: str(value) for key, value in (await request.json()).items()}}
    return {**query, **{key: str(value) for key, value in (await request.form()).items()}}


def _exchange(site: Site, given: Mapping[str, str]) -> dict[str, str | int]:
    app = site.store.first(App, client_id=given.get("client_id", ""))
    secret = given.get("client_secret", "")
    if app is None or not app.client_secret or not hmac.compare_digest(app.client_secret, secret):
        return _error(
            "incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect."
        )
    if given.get("grant_type") == "refresh_token":
        return _renew(site, app, given.get("refresh_token", ""))
    with site.store.transaction():
        code = find_token(site, given.get("code", ""))
        if code is None or code.kind != "code" or code.app_id != app.id or not _proven(code, given):
            return _error("bad_verification_code", "The code passed is incorrect or expired.")
        site.store.delete(Token, id=code.id)
        return _pair(site, app, site.store.get(Account, code.account_id or 0))


def _proven(code: Token, given: Mapping[str, str]) -> bool:
    """PKCE: whoever exchanges the code knows the secret behind the challenge; and the same address."""
    wanted = given.get("redirect_uri")
    if wanted and wanted != code.details.get("redirect_uri", wanted):
        return False
    challenge, verifier = code.details.get("code_challenge"), given.get("code_verifier", "")
    if challenge is None:
        return True
    hashed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return hmac.compare_digest(hashed, challenge)


def _renew(site: Site, app: App, secret: str) -> dict[str, str | int]:
    with site.store.transaction():
        refresh = find_token(site, secret)
        if (
            refresh is None
            or (refresh.kind, refresh.app_id) != ("refresh", app.id)
            or is_suspended(site, refresh.account_id)
        ):
            return _error("bad_refresh_token", "The refresh token passed is incorrect or expired.")
        site.store.delete(Token, id=refresh.id)
        site.store.delete(Token, digest=refresh.details["access"])
        return _pair(site, app, site.store.get(Account, refresh.account_id or 0))


def _pair(site: Site, app: App, account: Account) -> dict[str, str | int]:
    access, refresh = issue_user_tokens(site, app, account)
    return {
        "access_token": access,
        "expires_in": USER_SECONDS,
        "refresh_token": refresh,
        "refresh_token_expires_in": REFRESH_SECONDS,
        "scope": "",
        "token_type": "bearer",
    }


def _error(name: str, description: str) -> dict[str, str | int]:
    return {"error": name, "error_description": description}


ROUTES = [
    Route("/login/oauth/authorize", authorize, methods=["GET", "POST"]),
    Route("/login/oauth/access_token", access_token, methods=["POST"]),
]
