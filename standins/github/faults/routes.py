"""`/_standin/...`: the switches from another process on this machine."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from ipaddress import ip_address
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from standins.github import clock
from standins.github.errors import ApiError, invalid, not_found
from standins.github.faults.accounts import change_account, install_app, remove_account
from standins.github.faults.reading import KINDS, read, read_fault
from standins.github.faults.switches import Fault
from standins.github.rates import Limits
from standins.github.rest.manners import refusal
from standins.github.site import Site

Said = Mapping[str, Any]
Deed = Callable[[Site, Mapping[str, str], Said], Response]


def set_fault(site: Site, _path: Mapping[str, str], said: Said) -> Response:
    fault = read_fault(said)
    try:
        number = site.faults.set(fault)
    except ValueError as error:
        raise invalid("Validation Failed", str(error)) from error
    return JSONResponse(_written(number, fault), 201)


def list_faults(site: Site, _path: Mapping[str, str], _said: Said) -> Response:
    return JSONResponse([_written(number, fault) for number, fault in site.faults.standing().items()])


def take_back_all(site: Site, _path: Mapping[str, str], _said: Said) -> Response:
    site.faults.take_back()
    return Response(status_code=204)


def take_back(site: Site, path: Mapping[str, str], _said: Said) -> Response:
    if not path["number"].isdigit() or not site.faults.take_back(int(path["number"])):
        raise not_found()
    return Response(status_code=204)


def _written(number: int, fault: Fault) -> dict[str, Any]:
    (kind,) = [name for name, one in KINDS.items() if isinstance(fault, one)]
    return {"id": number, "on": kind, **asdict(fault)}


def get_limits(site: Site, _path: Mapping[str, str], _said: Said) -> Response:
    return JSONResponse(asdict(site.rates.limits))


def set_limits(site: Site, _path: Mapping[str, str], said: Said) -> Response:
    """What is not said is as at the beginning."""
    site.rates.limits = read(Limits, said)
    return get_limits(site, _path, said)


def set_clock(_site: Site, _path: Mapping[str, str], said: Said) -> Response:
    seconds = said.get("advance")
    if said == {"reset": True}:
        clock.reset()
    elif said.keys() == {"advance"} and isinstance(seconds, int | float) and seconds >= 0:
        clock.advance(seconds)
    else:
        raise invalid("Validation Failed", 'say {"advance": seconds} or {"reset": true}')
    return JSONResponse({"now": clock.now()})


def admin(method: str, path: str, deed: Deed) -> Route:
    """A route below `/_standin`, for callers on this machine alone."""

    async def serve(request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(_serve, request, body, deed)

    return Route(f"/_standin{path}", serve, methods=[method])


def _serve(request: Request, body: bytes, deed: Deed) -> Response:
    try:
        if request.client is None or not ip_address(request.client.host).is_loopback:
            raise not_found()
        said = json.loads(body or b"{}")
        if not isinstance(said, dict):
            raise ApiError(400, "Body should be a JSON object")
        return deed(request.app.state.site, request.path_params, said)
    except ValueError:
        return refusal(ApiError(400, "Problems parsing JSON"))
    except ApiError as error:
        return refusal(error)


ROUTES = [
    admin("POST", "/faults", set_fault),
    admin("GET", "/faults", list_faults),
    admin("DELETE", "/faults", take_back_all),
    admin("DELETE", "/faults/{number}", take_back),
    admin("GET", "/limits", get_limits),
    admin("PUT", "/limits", set_limits),
    admin("POST", "/clock", set_clock),
    admin("POST", "/accounts/{login}", change_account),
    admin("DELETE", "/accounts/{login}", remove_account),
    admin("POST", "/installations", install_app),
]
