"""The line to the local GitHub, which can lose what goes over it."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.types import Message, Receive, Scope, Send


class Line:
    """The line to GitHub, which can lose what goes over it: an ASGI app around the local GitHub."""

    def __init__(self, app: Starlette) -> None:
        self.app = app
        self.answers_lost: list[str] = []
        self.requests_lost: list[str] = []

    def lose_answer(self, *calls: str) -> None:
        """GitHub does the next such call (`METHOD path-ending`), and nobody hears of it."""
        self.answers_lost += calls

    def lose_request(self, *calls: str) -> None:
        """The next such call never reaches GitHub, and its sender does not know that."""
        self.requests_lost += calls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if _take(self.requests_lost, scope):
            return
        if _take(self.answers_lost, scope):
            await self.app(scope, receive, _nobody)
            return
        await self.app(scope, receive, send)


def _take(calls: list[str], scope: Scope) -> bool:
    for call in calls:
        method, ending = call.split()
        if scope.get("method") == method and scope["path"].endswith(ending):
            calls.remove(call)
            return True
    return False


async def _nobody(_: Message) -> None:
    return None
