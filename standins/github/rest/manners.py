"""The manners of every answer: rate limits, an ETag that belongs to one token, and GitHub's headers."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from standins.github.auth.principal import Principal
from standins.github.errors import ApiError, Moved
from standins.github.faults.switches import CallEffect, CallFault
from standins.github.rates import LIMIT, PrimaryLimit, SecondaryLimit
from standins.github.site import Site

GRAPHQL = "/api/graphql"
FREE = "/api/v3/rate_limit"
VERSIONS = ("", "2022-11-28", "2026-03-10")  # all are answered in the newest
VARY = "Accept, Authorization, Cookie, X-GitHub-OTP,Accept-Encoding, Accept, X-Requested-With"


def caller_of(principal: Principal, request: Request) -> str:
    """Who shares a limit: all tokens of a person, those of an installation; without any, an address."""
    if principal.kind == "installation" and principal.installation:
        return f"installation ID {principal.installation.id}"
    if principal.kind in ("personal", "user") and principal.account:
        return f"user ID {principal.account.id}"
    if principal.app_id:
        return f"app ID {principal.app_id}"
    return request.client.host if request.client else "nobody"


def admit(site: Site, request: Request, principal: Principal) -> None:
    """Counts the call; raises the refusal of the rate limit that it meets. GraphQL counts its documents.

    A version of the API that is not known is refused (docs, rest/about-the-rest-api/api-versions).
    """
    version = request.headers.get("x-github-api-version", "")
    if version not in VERSIONS:
        raise ApiError(400, f"Unsupported version: {version}")
    caller, limits = caller_of(principal, request), site.rates.limits
    fault = request.scope.get(LIMIT)
    if fault is not None:
        raise limit_of(fault, caller, limits.status)
    if request.url.path == GRAPHQL:
        return
    writes = request.method not in ("GET", "HEAD")
    if site.rates.hurried(caller, writes=writes, creates=request.method == "POST"):
        raise SecondaryLimit(limits.status, limits.retry_after)
    if request.url.path != FREE and not site.rates.spend(caller, "core", 1):
        raise PrimaryLimit(caller, limits.status)


def limit_of(fault: CallFault, caller: str, status: int) -> ApiError:
    """The limit that a switch has a call meet."""
    if fault.effect is CallEffect.PRIMARY_LIMIT:
        return PrimaryLimit(caller, status, fault.seconds)
    return SecondaryLimit(status, fault.seconds)


def refusal(error: ApiError, path: str = "") -> Response:
    if isinstance(error, PrimaryLimit) and path == GRAPHQL:
        return exhausted(error)
    content: dict[str, Any] = {
        "message": error.message,
        "documentation_url": error.documentation,
        "status": str(error.status),
    }
    if error.errors:
        content["errors"] = error.errors
    return JSONResponse(content, error.status, headers=error.headers)


def exhausted(error: PrimaryLimit) -> Response:
    """GraphQL says so in a body of 200."""
    told = {"type": "RATE_LIMIT", "code": "graphql_rate_limit", "message": error.message}
    return JSONResponse({"errors": [told]}, headers=error.headers)


def elsewhere(method: str, moved: Moved) -> Response:
    """To the address by number: for good where something is read, this once where something is done."""
    content = {
        "message": "Moved Permanently",
        "url": moved.url,
        "documentation_url": "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api",
    }
    status = 301 if method in ("GET", "HEAD") else 307
    return JSONResponse(content, status, headers={"Location": moved.url})


def finish(site: Site, request: Request, principal: Principal, response: Response) -> Response:
    """Adds the headers that every answer of the API has; an unchanged one becomes a 304, which is free."""
    resource = "graphql" if request.url.path == GRAPHQL else "core"
    caller = caller_of(principal, request)
    if request.method == "GET" and response.status_code == 200:
        response = _tagged(request, response)
        if response.status_code == 304 and principal.kind != "anonymous":
            site.rates.give_back(caller, resource)
    hour = site.rates.hour(caller, resource)
    response.headers["X-GitHub-Request-Id"] = secrets.token_hex(8).upper()
    response.headers["X-GitHub-Media-Type"] = "github.v3; format=json"
    response.headers["X-RateLimit-Limit"] = str(hour.limit)
    response.headers.setdefault("X-RateLimit-Remaining", str(hour.remaining))
    response.headers["X-RateLimit-Used"] = str(hour.used)
    response.headers.setdefault("X-RateLimit-Reset", str(hour.reset))
    response.headers["X-RateLimit-Resource"] = resource
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def _tagged(request: Request, response: Response) -> Response:
    """The tag is of the answer and of the token: another token's is never the same."""
    salt = request.headers.get("authorization", "").encode()
    tag = hashlib.sha256(hashlib.sha256(salt).digest() + bytes(response.body)).hexdigest()
    headers = {"ETag": f'W/"{tag}"', "Vary": VARY, "Cache-Control": "private, max-age=60, s-maxage=60"}
    asked = request.headers.get("if-none-match", "").split(",")
    if any(one.strip().removeprefix("W/") == f'"{tag}"' for one in asked):
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return response
