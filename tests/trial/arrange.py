"""A local GitHub with a scratch repository, the trial in it, and all that goes over the line to it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from django.core.management import call_command
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from governance.posture.permissions import NODE_PERMISSIONS, PORTAL_PERMISSIONS, levels
from standins.github import Site
from standins.github.auth.principal import principal_of
from tests import portal_environment as environment
from tests.conformance.check import ROOT
from tests.conformance.descriptions import operation_at
from tests.governance.seed import ORGANIZATION, seed
from tests.governance.world import World
from tests.standin.world import commit, git

SCRATCH = f"{ORGANIZATION}/scratch"
NOBODY_HEARS = "http://127.0.0.1:9/webhooks/github"


def begins(*, events: tuple[str, ...] = ("push",), **changed: str) -> dict[str, Any]:
    """The seed with a scratch repository; `changed` are permissions of the portal's App, "" for none."""
    given = seed(environment.APP_KEY_FILE)
    teams = {"heart-researchers": "push", "heart-controllers": "push", "maintainers": "admin"}
    scratch = {"owner": ORGANIZATION, "name": "scratch", "private": True, "default_branch": "main"}
    given["repositories"].append({**scratch, "teams": teams})
    portal = {name: level for name, level in (levels(PORTAL_PERMISSIONS) | changed).items() if level}
    held = (portal, levels(NODE_PERMISSIONS), {"contents": "read"})
    for app, permissions in zip(given["apps"], held, strict=True):
        app["permissions"] = dict(permissions)
        app["webhook_url"], app["events"] = NOBODY_HEARS, list(events)
        app["installations"][0]["repositories"].append("scratch")
        app["webhook_secret"] = environment.WEBHOOK_SECRET
    return given


def fill(world: World) -> None:
    clone = world.clone(SCRATCH, "maintainer")
    git(clone, "checkout", "-q", "-b", "main")
    commit(clone, {"README.md": "Nothing of worth.\n"})
    git(clone, "push", "-q", "origin", "main")


def check(*arguments: str, repo: str = SCRATCH) -> tuple[int, list[dict[str, str]]]:
    """Exit code, and what was tried."""
    out, code = StringIO(), 0
    try:
        call_command("check_github", "--repository", repo, "--json", *arguments, stdout=out)
    except SystemExit as ended:
        code = int(str(ended.code))
    return code, json.loads(out.getvalue())


def of(tried: list[dict[str, str]], result: str) -> list[str]:
    return [f"{each['group']}: {each['call']} {each['advice']}" for each in tried if each["result"] == result]


def named(call: str) -> set[str]:
    """The REST calls of a row, `GET and POST /repos/{}/{}/rulesets` as two, without names of parameters."""
    found = set()
    for methods, path in re.findall(r"((?:[A-Z]+ and )?[A-Z]+) (/[^\s,]+)", call):
        plain = re.sub(r"\{\w+\}(\[bot\])?", "{}", path)
        found |= {f"{method} {plain}" for method in methods.split(" and ")}
    return found


@dataclass(frozen=True)
class Asked:
    """`call` is REST by its operation in GitHub's description, GraphQL by its text, or git.

    `by` is a login, `allowed` what the token may do as an App's.
    """

    by: str
    allowed: frozenset[tuple[str, str]]
    call: str


@dataclass
class Wire:
    """What is asked of a local GitHub."""

    app: ASGIApp
    site: Site
    _asked: list[tuple[Scope, bytearray]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = bytearray()

        async def heard() -> Message:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        self._asked.append((scope, body))
        await self.app(scope, heard, send)

    def asked(self) -> set[Asked]:
        """Since this was asked last."""
        asked, self._asked = self._asked, []
        return {self._read(scope, body) for scope, body in asked if scope["type"] == "http"}

    def _read(self, scope: Scope, body: bytearray) -> Asked:
        caller = principal_of(self.site, Headers(scope=scope).get("authorization"))
        by = caller.account.login if caller.account else ""
        return Asked(by, frozenset((caller.permissions or {}).items()), _call(scope, body))


def listen(world: World) -> Wire:
    """What is asked of this GitHub from now on."""
    wire = Wire(world.line.app, world.line.app.state.site)
    world.line.app = wire  # type: ignore[assignment]
    return wire


def _call(scope: Scope, body: bytearray) -> str:
    path = scope["raw_path"].decode()
    if path == "/api/graphql":
        return " ".join(json.loads(body)["query"].split())
    if ".git/" in path:
        return "git fetch" if path.endswith("git-upload-pack") else "git"
    operation = operation_at(scope["method"], path.removeprefix(ROOT))
    return re.sub(r"\{\w+\}", "{}", operation or path)
