"""Git over HTTP: `git http-backend` behind a check of who may read and write.

A push stops in its pre-receive hook, which asks this process; there the same rules decide as for
the API and for merges.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from typing import IO

from starlette.concurrency import run_in_threadpool
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from standins.github.auth.access import demand, visible
from standins.github.auth.principal import ANONYMOUS, Principal, principal_of
from standins.github.errors import ApiError, Moved, not_found
from standins.github.site import Site
from standins.github.store import Repository
from standins.github.web.push import receive_push

SPOOL = 1 << 20
CHUNK = 1 << 16


async def serve(request: Request) -> Response:
    body = await _spool(request.stream())
    return await run_in_threadpool(_serve, request, body)


async def _spool(stream: AsyncIterator[bytes]) -> IO[bytes]:
    body: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=SPOOL)  # noqa: SIM115
    async for chunk in stream:
        body.write(chunk)
    return body


def _serve(request: Request, body: IO[bytes]) -> Response:
    site: Site = request.app.state.site
    service = _service(request)
    try:
        principal, repository = _admitted(site, request, service)
    except ApiError as error:
        body.close()
        return _refusal(error)
    except Moved as moved:
        body.close()
        return RedirectResponse(moved.url, 301)
    environment = _environment(request, site, principal, repository, body)
    if request.method == "POST" and service == "git-receive-pack":
        output = receive_push(site, repository, principal, environment, body)
    else:
        output = tempfile.TemporaryFile()  # noqa: SIM115
        with body:
            subprocess.run(["git", "http-backend"], env=environment, stdin=body, stdout=output, check=False)
    return _response(output)


def _service(request: Request) -> str:
    if request.path_params["file"] == "info/refs":
        return request.query_params.get("service", "")
    return str(request.path_params["file"])


def _admitted(site: Site, request: Request, service: str) -> tuple[Principal, Repository]:
    if service not in ("git-upload-pack", "git-receive-pack"):
        raise ApiError(403, "Please upgrade your git client: only smart HTTP is served.")
    principal = principal_of(site, request.headers.get("authorization"))
    name = request.path_params["repo"].removesuffix(".git")
    repository = site.repository_named(request.path_params["owner"], name)
    writes = service == "git-receive-pack"
    if principal is ANONYMOUS and (writes or repository is None or repository.private):
        raise ApiError(401, "Authentication required.")
    if repository is None:
        _follow(site, request, principal, name)
        raise not_found()
    level, role = ("write", "push") if writes else ("read", "pull")
    demand(site, principal, repository, "contents", level, role)
    return principal, repository


def _follow(site: Site, request: Request, principal: Principal, name: str) -> None:
    """Raises Moved where this is an old address of a repository that the caller may see."""
    found = site.repository_once_named(request.path_params["owner"], name)
    if found is not None and visible(site, principal, found):
        query = f"?{request.url.query}" if request.url.query else ""
        raise Moved(f"{site.url}/{site.full_name(found)}.git/{request.path_params['file']}{query}")


def _refusal(error: ApiError) -> Response:
    message = "Repository not found." if error.status == 404 else error.message
    challenge = {"WWW-Authenticate": 'Basic realm="GitHub"'} if error.status == 401 else {}
    return PlainTextResponse(message + "\n", error.status, headers=challenge)


def _environment(
    request: Request, site: Site, principal: Principal, repository: Repository, body: IO[bytes]
) -> dict[str, str]:
    size = body.seek(0, 2)
    body.seek(0)
    path = site.git(repository).path
    headers = request.headers
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(site.data),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_PROJECT_ROOT": str(path.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{path.name}/{request.path_params['file']}",
        "QUERY_STRING": request.url.query,
        "REQUEST_METHOD": request.method,
        "CONTENT_TYPE": headers.get("content-type", ""),
        "CONTENT_LENGTH": str(size),
        "HTTP_CONTENT_ENCODING": headers.get("content-encoding", ""),
        "GIT_PROTOCOL": headers.get("git-protocol", ""),
        "REMOTE_USER": principal.account.login if principal.account else "",
        "REMOTE_ADDR": "127.0.0.1",
    }


def _response(output: IO[bytes]) -> Response:
    """From the CGI answer of http-backend: header lines, an empty line, the body."""
    output.seek(0)
    status, headers = 200, {"Cache-Control": "no-cache, max-age=0, must-revalidate"}
    for line in iter(output.readline, b""):
        name, _, value = line.decode("latin-1").strip().partition(": ")
        if not name:
            break
        if name.lower() == "status":
            status = int(value.split()[0])
        else:
            headers[name] = value
    return StreamingResponse(_rest(output), status, headers)


def _rest(output: IO[bytes]) -> Iterator[bytes]:
    with output:
        while chunk := output.read(CHUNK):
            yield chunk


class GitFile(Convertor[str]):
    """The three addresses of a repository that smart HTTP uses."""

    regex = "info/refs|git-upload-pack|git-receive-pack"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("git_file", GitFile())
ROUTES = [Route("/{owner}/{repo}/{file:git_file}", serve, methods=["GET", "POST"])]
