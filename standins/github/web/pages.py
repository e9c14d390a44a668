"""Pages to look at: a repository and a pull request, for those signed in who may read them."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from standins.github.auth.access import visible
from standins.github.auth.principal import ANONYMOUS, Principal
from standins.github.diffs import FileChange, differ, mailbox
from standins.github.serialisers.pulls import span
from standins.github.site import Site
from standins.github.store import CheckRun, Comment, PullRequest, Repository, Review
from standins.github.web.page import page
from standins.github.web.session import account_of_session

MISSING = HTMLResponse(page("Not found", "<p>There is nothing here, or nothing for you.</p>"), 404)


async def show_pull(request: Request) -> Response:
    return await run_in_threadpool(_show_pull, request)


async def show_repository(request: Request) -> Response:
    return await run_in_threadpool(_show_repository, request)


def _show_pull(request: Request) -> Response:
    site: Site = request.app.state.site
    repository = readable(request)
    number, _, form = request.path_params["number"].partition(".")
    if repository is None:
        return stranger(request)
    pull = number.isdigit() and site.store.first(PullRequest, repository_id=repository.id, number=int(number))
    if not pull:
        return MISSING
    base, head = span(site, repository, pull)
    git = site.git(repository)
    if form == "diff":
        return PlainTextResponse(differ(git, base, head).text)
    if form == "patch":
        return PlainTextResponse(mailbox(git, base, head))
    files = "".join(_file(one) for one in differ(git, base, head).files)
    parts = (_facts(site, pull), _talk(site, pull), _checks(site, repository, pull), files)
    return HTMLResponse(page(f"{pull.title} #{pull.number}", "".join(parts)))


def _show_repository(request: Request) -> Response:
    site: Site = request.app.state.site
    repository = readable(request)
    if repository is None:
        return stranger(request)
    name = site.full_name(repository)
    pulls = site.store.find(PullRequest, repository_id=repository.id, newest_first=True)
    items = "".join(f"<li>{_link(name, pull)} {_state(pull)}</li>" for pull in pulls)
    return HTMLResponse(page(name, f"<h2>Pull requests</h2><ul>{items}</ul>"))


def readable(request: Request) -> Repository | None:
    """The repository of the path, if whoever is signed in may read it."""
    site: Site = request.app.state.site
    found = site.repository_named(request.path_params["owner"], request.path_params["repo"])
    return found if found and _may_read(request, found) else None


def _may_read(request: Request, repository: Repository) -> bool:
    account = account_of_session(request)
    reader = Principal("personal", account, scopes=("repo",)) if account else ANONYMOUS
    return visible(request.app.state.site, reader, repository)


def stranger(request: Request) -> Response:
    """What whoever may not read gets: to sign in first, or nothing; an old address leads on."""
    if account_of_session(request) is None:
        return RedirectResponse(f"/login?return_to={quote(request.url.path)}", 302)
    site: Site = request.app.state.site
    owner, name = request.path_params["owner"], request.path_params["repo"]
    moved = site.repository_once_named(owner, name)
    if moved is None or not _may_read(request, moved):
        return MISSING
    rest = request.url.path.removeprefix(f"/{owner}/{name}")
    return RedirectResponse(f"/{site.full_name(moved)}{rest}", 301)


def _link(name: str, pull: PullRequest) -> str:
    return f'<a href="/{name}/pull/{pull.number}">#{pull.number} {escape(pull.title)}</a>'


def _state(pull: PullRequest) -> str:
    return "merged" if pull.merged_at else pull.state


def _facts(site: Site, pull: PullRequest) -> str:
    author = escape(site.account(pull.author_id).login)
    line = f"{_state(pull)}: {author} wants to merge {escape(pull.head_ref)} into {escape(pull.base_ref)}"
    return f"<p>{line}, head <code>{pull.head_sha}</code></p><pre>{escape(pull.body or '')}</pre>"


def _talk(site: Site, pull: PullRequest) -> str:
    items = [
        f"{_login(site, row.account_id)}: {row.state.lower()} {row.commit_id[:12]} {escape(row.body)}"
        for row in site.store.find(Review, pull_request_id=pull.id)
    ]
    items += [
        f"{_login(site, row.account_id)}: {escape(row.body)}"
        for row in site.store.find(Comment, pull_request_id=pull.id)
    ]
    return f"<h2>Conversation</h2><ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"


def _login(site: Site, account_id: int) -> str:
    return escape(site.account(account_id).login)


def _checks(site: Site, repository: Repository, pull: PullRequest) -> str:
    rows = site.store.find(CheckRun, repository_id=repository.id, head_sha=pull.head_sha)
    items = "".join(f"<li>{escape(row.name)}: {row.conclusion or row.status}</li>" for row in rows)
    return f"<h2>Checks</h2><ul>{items}</ul><h2>Files</h2>"


def _file(change: FileChange) -> str:
    text = "binary" if change.patch is None else change.patch
    return f"<h3>{escape(change.path)} ({change.status})</h3><pre>{escape(text)}</pre>"


ROUTES = [
    Route("/{owner}/{repo}/pull/{number}", show_pull, methods=["GET"]),
    Route("/{owner}/{repo}", show_repository, methods=["GET"]),
]
