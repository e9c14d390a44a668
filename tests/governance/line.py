"""The line to the local GitHub, which can lose what goes over it, or answer in GitHub's place."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import Message, Receive, Scope, Send


class Line:
    """The line to GitHub: an ASGI app around the local GitHub. A call is `METHOD path-ending`."""

    def __init__(self, app: Starlette) -> None:
        self.app = app
        self.answers_lost: list[str] = []
        self.requests_lost: list[str] = []
        self.answers_garbled: list[str] = []
        self.refusals: dict[str, tuple[int, dict[str, str]]] = {}
        self.calls: list[tuple[str, str]] = []

    def lose_answer(self, *calls: str) -> None:
        """GitHub does the next such call, and nobody hears of it."""
        self.answers_lost += calls

    def lose_request(self, *calls: str) -> None:
        """The next such call never reaches GitHub, and its sender does not know that."""
        self.requests_lost += calls

    def garble_answer(self, *calls: str) -> None:
        """GitHub does the next such call, and something in between answers with a page of its own."""
        self.answers_garbled += calls

    def refuse(self, call: str, status: int, headers: dict[str, str]) -> None:
        """The next such call is answered with this instead of being done."""
        self.refusals[call] = (status, headers)

    def seen(self, call: str) -> int:
        """How many such calls were made."""
        method, ending = call.split()
        return sum(one == method and path.endswith(ending) for one, path in self.calls)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.calls.append((scope.get("method", ""), scope.get("path", "")))
        if _take(self.requests_lost, scope):
            return
        if _take(self.answers_lost, scope):
            await self.app(scope, receive, _nobody)
            return
        if _take(self.answers_garbled, scope):
            await self.app(scope, receive, _nobody)
            await PlainTextResponse("<h1>Welcome</h1>")(scope, receive, send)
            return
        if (call := _first(list(self.refusals), scope)) is not None:
            status, headers = self.refusals.pop(call)
            await JSONResponse({"message": "Refused."}, status, headers)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _first(calls: list[str], scope: Scope) -> str | None:
    for call in calls:
        method, ending = call.split()
        if scope.get("method") == method and scope["path"].endswith(ending):
            return call
    return None


def _take(calls: list[str], scope: Scope) -> bool:
    call = _first(calls, scope)
    if call is not None:
        calls.remove(call)
    return call is not None


async def _nobody(_: Message) -> None:
    return None
