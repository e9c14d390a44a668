"""The line to this GitHub: every call goes over it, and meets the fault that is set for it."""

from __future__ import annotations

import asyncio

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from standins.github.faults.switches import CallEffect, CallFault
from standins.github.rates import LIMIT
from standins.github.rest.manners import limit_of, refusal
from standins.github.site import Site

ADMIN = "/_standin/"
API = "/api/"  # where a limit is of the caller; elsewhere nobody has said yet who calls


class Line:
    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        aside = scope["type"] != "http" or scope["path"].startswith(ADMIN)
        if aside or not self._site.faults.has_calls():
            await self._app(scope, receive, send)
            return
        body = await _read(receive)
        fault = self._site.faults.take_call(scope["method"], scope["path"], body)
        receive = _again(body, receive)
        if fault is None:
            await self._app(scope, receive, send)
        else:
            await self._meet(fault, scope, receive, send)

    async def _meet(self, fault: CallFault, scope: Scope, receive: Receive, send: Send) -> None:
        match fault.effect:
            case CallEffect.FAIL_BEFORE:
                await _failure(fault)(scope, receive, send)
            case CallEffect.FAIL_AFTER:
                await self._app(scope, receive, _nobody)
                await _failure(fault)(scope, receive, send)
            case CallEffect.SLOW:
                await asyncio.sleep(fault.seconds)
                await self._app(scope, receive, send)
            case CallEffect.SLOW_ANSWER:
                await self._app(scope, receive, _held(send, fault.seconds))
            case CallEffect.PRIMARY_LIMIT | CallEffect.SECONDARY_LIMIT if scope["path"].startswith(API):
                await self._app({**scope, LIMIT: fault}, receive, send)
            case CallEffect.PRIMARY_LIMIT | CallEffect.SECONDARY_LIMIT:
                limit = limit_of(fault, "this address", self._site.rates.limits.status)
                await refusal(limit)(scope, receive, send)


def _failure(fault: CallFault) -> JSONResponse:
    return JSONResponse({"message": "Server Error"}, fault.status)


async def _read(receive: Receive) -> bytes:
    chunks, more = [], True
    while more:
        message = await receive()
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(chunks)


def _again(body: bytes, receive: Receive) -> Receive:
    """The body once more, then whatever comes after it."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


def _held(send: Send, seconds: float) -> Send:
    """Waits before the first word of the answer."""

    async def send_later(message: Message) -> None:
        if message["type"] == "http.response.start":
            await asyncio.sleep(seconds)
        await send(message)

    return send_later


async def _nobody(_: Message) -> None:
    return None
