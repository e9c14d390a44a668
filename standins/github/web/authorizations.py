"""`/settings/apps/authorizations`: the Apps that a person has signed in to, and turning away from one."""

from __future__ import annotations

from html import escape

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from standins.github.auth.authorizations import authorized_apps, revoke
from standins.github.site import Site
from standins.github.store import App
from standins.github.web.page import page
from standins.github.web.session import account_of_session

HERE = "/settings/apps/authorizations"


async def authorizations(request: Request) -> Response:
    if request.method == "GET":
        return await run_in_threadpool(_show, request)
    form = await request.form()
    return await run_in_threadpool(_revoke, request, str(form.get("app", "")))


def _show(request: Request) -> Response:
    site: Site = request.app.state.site
    account = account_of_session(request)
    if account is None:
        return RedirectResponse(f"/login?return_to={HERE}", 302)
    buttons = "".join(
        f'<p>{escape(app.name)} <button name="app" value="{escape(app.slug)}">Revoke</button></p>'
        for app in authorized_apps(site, account)
    )
    form = f'<form method="post" action="{HERE}">{buttons or "<p>None.</p>"}</form>'
    return HTMLResponse(page("Authorized GitHub Apps", form))


def _revoke(request: Request, slug: str) -> Response:
    site: Site = request.app.state.site
    account, app = account_of_session(request), site.store.first(App, slug=slug)
    if account is None or app is None:
        return HTMLResponse(page("Not found", "<p>There is nothing here, or nothing for you.</p>"), 404)
    revoke(site, app, account)
    return RedirectResponse(HERE, 303)


ROUTES = [Route(HERE, authorizations, methods=["GET", "POST"])]
