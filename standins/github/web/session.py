"""Being signed in to the pages: a cookie of this site, given by the choice of an account."""

from __future__ import annotations

from html import escape

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from standins.github.auth.tokens import SESSION_SECONDS, find_token, issue
from standins.github.clock import later
from standins.github.site import Site
from standins.github.store import Account, AccountSuspension, Token
from standins.github.web.page import page

COOKIE = "standin_github_session"
REFUSED = HTMLResponse(page("Suspended", "<p>This account is suspended.</p>"), 403)


def signed_in(site: Site, account: Account, response: Response) -> Response:
    """Adds to an answer that this browser is this account's from now on."""
    row = Token(0, "", "session", account_id=account.id, expires_at=later(SESSION_SECONDS))
    response.set_cookie(COOKIE, issue(site, row), max_age=SESSION_SECONDS, httponly=True, samesite="lax")
    return response


def account_of_session(request: Request) -> Account | None:
    site: Site = request.app.state.site
    token = find_token(site, request.cookies.get(COOKIE, ""))
    if token is None or token.kind != "session" or is_suspended(site, token.account_id):
        return None
    return site.store.get(Account, token.account_id or 0)


def is_suspended(site: Site, account_id: int | None) -> bool:
    return site.store.first(AccountSuspension, account_id=account_id) is not None


def account_button(account: Account) -> str:
    return f'<p><button name="login" value="{escape(account.login)}">{escape(account.login)}</button></p>'


async def login(request: Request) -> Response:
    if request.method == "GET":
        return await run_in_threadpool(_choose, request)
    form = await request.form()
    return await run_in_threadpool(
        _enter, request, str(form.get("login", "")), str(form.get("return_to", ""))
    )


def _choose(request: Request) -> Response:
    site: Site = request.app.state.site
    back = escape(request.query_params.get("return_to", "/"))
    buttons = "".join(account_button(one) for one in site.store.find(Account, type="User"))
    hidden = f'<input type="hidden" name="return_to" value="{back}">'
    return HTMLResponse(page("Sign in", f'<form method="post" action="/login">{hidden}{buttons}</form>'))


def _enter(request: Request, name: str, back: str) -> Response:
    site: Site = request.app.state.site
    account = site.store.first(Account, login=name, type="User")
    if account is None:
        return HTMLResponse(page("Not found", "<p>No such account.</p>"), 404)
    if is_suspended(site, account.id):
        return REFUSED
    here = back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/"
    return signed_in(site, account, RedirectResponse(here, 303))


ROUTES = [Route("/login", login, methods=["GET", "POST"])]
