"""A local GitHub with a Node Repo and a Code Repo, and the portal beside it: arranged by what people do.

`World.catch_up()` does what the portal's worker does: it goes round until nothing is due.
"""

from __future__ import annotations

import base64
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from nacl.signing import SigningKey
from starlette.applications import Starlette
from starlette.types import Message, Receive, Scope, Send

from governance import github, messages, work
from governance.models import Person, Project, PullRequest
from governance.passes import ask_for_what_is_due
from governance.signin import store_token, sync_groups
from lockgate.formats import Account, JobRequest, write_job_request
from standins.github import Seed, create_app
from tests import portal_environment as environment
from tests.gate.study import REQUEST, base_files
from tests.services.ports import wait_until
from tests.standin.world import PERSONAL, commit, git, signed_jwt

ORGANIZATION, NODE_REPO, CODE_REPO = "north-health", "north-health/north-node", "north-health/heart-study"
PORTAL_APP, NODE_APP, ACTIONS = 3001, 3002, 3003
IDS = {
    "researcher": 1001,
    "researcher-2": 1002,
    "controller": 1003,
    "controller-2": 1004,
    "maintainer": 1005,
    "outsider": 1006,
}
NODE_KEY = SigningKey.generate()
GOVERNANCE = b"""version: 1
researchers: [north-health/heart-researchers]
controllers: [north-health/heart-controllers]
nodes:
  north: {controllers: [north-health/north-controllers]}
approvals:
  job_request: {quorum: 1, per_node: true}
  result_publication: {quorum: 2, per_node: true, blinded: false}
  withdrawal: {quorum: 1}
  code_change: {quorum: 1}
  policy_change: {quorum: 2, per_node: true}
disclosure:
  {min_count: 10, round_to: 5, max_rows: 5000, max_bytes: 16000000, media_types: [text/csv, image/png]}
service: {decide_within_days: 5}
"""


def node_yaml() -> str:
    portal_seed = base64.b64decode(environment.MESSAGE_KEY_FILE.read_text())
    portal_key = base64.b64encode(bytes(SigningKey(portal_seed).verify_key)).decode()
    node_key = base64.b64encode(bytes(NODE_KEY.verify_key)).decode()
    return f"""version: 1
name: north
app: {{id: {NODE_APP}, slug: lockgate-north, account: 4002}}
message_key: "{node_key}"
portal: {{app_id: {PORTAL_APP}, message_key: "{portal_key}"}}
controllers: [north-health/north-controllers]
maintainers: [north-health/maintainers]
addresses: {{dagster: "http://127.0.0.1:8402"}}
storage:
  internal: {{endpoint: "http://127.0.0.1:8404", bucket: internal, keys: NORTH_INTERNAL}}
  publication:
    endpoint: "http://127.0.0.1:8404"
    read_endpoint: "http://127.0.0.1:8405"
    bucket: publication
    keys: NORTH_PUBLICATION
"""


def seed(key: Path) -> dict[str, Any]:
    people = [{"login": login, "id": number, "name": login.title()} for login, number in IDS.items()]
    both = ["north-node", "heart-study"]
    return {
        "accounts": people,
        "organizations": [
            {"login": ORGANIZATION, "id": 2001, "admins": ["maintainer"], "members": list(IDS)[:4]}
        ],
        "teams": [
            _team("heart-researchers", "researcher", "researcher-2"),
            _team("heart-controllers", "controller", "controller-2"),
            _team("north-controllers", "controller", "controller-2"),
            _team("maintainers", "maintainer"),
        ],
        "apps": [
            _app(PORTAL_APP, "lockgate", 4001, key, both, contents="write", checks="write"),
            _app(NODE_APP, "lockgate-north", 4002, key, both, contents="write", checks="read"),
            _app(ACTIONS, "actions-here", 4003, key, both, contents="read", checks="write"),
        ],
        "tokens": [
            {"login": login, "token": token, "scopes": ["repo", "admin:org"]}
            for login, token in PERSONAL.items()
        ],
        "repositories": [
            _repository("north-node", {"maintainers": "admin"}),
            _repository(
                "heart-study",
                {"heart-researchers": "push", "heart-controllers": "push", "maintainers": "admin"},
            ),
        ],
    }


def _team(slug: str, *members: str) -> dict[str, Any]:
    return {"organization": ORGANIZATION, "slug": slug, "members": members}


def _repository(name: str, teams: dict[str, str]) -> dict[str, Any]:
    return {"owner": ORGANIZATION, "name": name, "private": True, "default_branch": "main", "teams": teams}


def _app(
    number: int, slug: str, account: int, key: Path, repositories: list[str], **permissions: str
) -> dict[str, Any]:
    return {
        "id": number,
        "slug": slug,
        "name": slug.title(),
        "account": account,
        "client_id": environment.CLIENT_ID if number == PORTAL_APP else f"Iv1.{slug}",
        "client_secret": environment.CLIENT_SECRET,
        "private_key_file": str(key),
        "callback_urls": ["http://127.0.0.1:8400/accounts/github/login/callback/", "http://testserver/"],
        "permissions": {"pull_requests": "write", "members": "read", "administration": "read", **permissions},
        "events": [],
        "installations": [{"account": ORGANIZATION, "repositories": repositories}],
    }


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


@dataclass
class World:
    """A local GitHub and what people do there; everything goes through its socket."""

    folder: Path
    line: Line
    url: str
    _tokens: dict[int, str] = field(default_factory=dict)

    @property
    def project(self) -> Project:
        return Project.objects.get(name="heart_study")

    def pull_request(self, number: int) -> PullRequest:
        return PullRequest.objects.select_related("author", "project", "node").get(
            project=self.project, number=number
        )

    def api(self, method: str, path: str, *, as_: str | int, body: Any = None) -> Any:
        """A REST call as a person (login) or as an App's installation (id)."""
        token = PERSONAL[as_] if isinstance(as_, str) else self.installation_token(as_)
        answer = httpx.request(
            method,
            f"{self.url}/api/v3{path}",
            json=body,
            headers={"Authorization": f"Bearer {token}", "X-GitHub-Api-Version": "2026-03-10"},
        )
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def installation_token(self, app: int) -> str:
        if app not in self._tokens:
            headers = {
                "Authorization": f"Bearer {signed_jwt(issuer=app, key=environment.APP_KEY_FILE.read_text())}"
            }
            root = f"{self.url}/api/v3"
            found = httpx.get(f"{root}/users/{ORGANIZATION}/installation", headers=headers).json()
            address = f"{root}/app/installations/{found['id']}/access_tokens"
            self._tokens[app] = httpx.post(address, headers=headers, json={}).json()["token"]
        return self._tokens[app]

    def clone(self, repo: str, login: str) -> Path:
        folder = self.folder / f"clone-{len(list(self.folder.iterdir()))}"
        remote = self.url.replace("://", f"://x-access-token:{PERSONAL[login]}@") + f"/{repo}.git"
        git(self.folder, "clone", "-q", remote, str(folder))
        git(folder, "config", "user.name", login)
        git(folder, "config", "user.email", f"{login}@example.org")
        return folder

    def push(
        self, branch: str, files: dict[str, str], *, login: str, repo: str = CODE_REPO, start: str = "main"
    ) -> str:
        """One more commit on a branch (begun at `start` where it is new), pushed by git."""
        clone = self.clone(repo, login)
        known = git(clone, "ls-remote", "origin", f"refs/heads/{branch}")
        git(clone, "checkout", "-q", "-B", branch, f"origin/{branch if known else start}")
        sha = commit(clone, files)
        git(clone, "push", "-q", "origin", branch)
        return sha

    def checks_pass(self, pull_request: PullRequest) -> None:
        """Actions reports `gate` and `ci` as successful on the head."""
        for name in ("gate", "ci"):
            body = {
                "name": name,
                "head_sha": pull_request.head_sha,
                "status": "completed",
                "conclusion": "success",
            }
            self.api("POST", f"/repos/{CODE_REPO}/check-runs", as_=ACTIONS, body=body)

    def policy_checks(self, head: str) -> list[str]:
        """What `lockgate/policy` says on a commit, oldest first: conclusion, or else status."""
        path = f"/repos/{CODE_REPO}/commits/{head}/check-runs?check_name=lockgate/policy&filter=all"
        runs = self.api("GET", path, as_="maintainer")["check_runs"]
        return [run["conclusion"] or run["status"] for run in sorted(runs, key=lambda run: run["id"])]

    def person(self, login: str) -> Person:
        """The person, signed in once with a GitHub token of their own."""
        from django.contrib.auth.models import User

        person, _ = Person.objects.get_or_create(account_id=IDS[login], defaults={"login": login})
        if person.user is None:
            person.user = User.objects.create(username=f"github-{person.account_id}")
            person.save()
        store_token(person, access=PERSONAL[login], refresh="", expires_at=None)
        sync_groups(person)
        return person

    def catch_up(self) -> None:
        """What the worker's timer does, until nothing is due."""
        ask_for_what_is_due()
        work.run_due(seconds=60)
        messages.deliver_due()

    def pass_again(self) -> None:
        """As if the periods had gone by: every periodic piece of work is due now."""
        from django.utils import timezone

        from governance.models import Work

        Work.objects.update(due_at=timezone.now(), leased_until=None)
        self.catch_up()


def a_request(login: str = "researcher", **changes: Any) -> JobRequest:
    return replace(REQUEST, requested_by=Account(IDS[login], login), **changes)


def request_file(request: JobRequest) -> dict[str, str]:
    return {f"jobs/{request.id}.yaml": write_job_request(request).decode()}


@contextmanager
def served(folder: Path) -> Iterator[World]:
    """The local GitHub at the address that the portal is configured with."""
    listener = socket.create_server(("127.0.0.1", environment.GITHUB_PORT))
    app = create_app(folder / "github", Seed.of(seed(environment.APP_KEY_FILE)), url=environment.GITHUB_URL)
    line = Line(app)
    server = uvicorn.Server(
        uvicorn.Config(line, log_level="critical", access_log=False, timeout_graceful_shutdown=2)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    wait_until(lambda: server.started, what="the local GitHub")
    github.reader.cache_clear()
    shutil.rmtree(environment.FOLDER / "data" / "mirrors", ignore_errors=True)
    try:
        yield World(folder, line, environment.GITHUB_URL)
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


def furnish(world: World) -> None:
    """First commits of both repositories, then protection of the Code Repo's main."""
    files = {path: data.decode() for path, data in base_files().items()}
    files["governance.yaml"] = GOVERNANCE.decode()
    since = _first_commit(world, CODE_REPO, files)
    project = f"""version: 1
name: heart_study
code_repo: {CODE_REPO}
since: {since}
code_location: heart_study
publication: publication
"""
    _first_commit(world, NODE_REPO, {"node.yaml": node_yaml(), "projects/heart_study.yaml": project})
    checks = [{"context": "gate", "app_id": ACTIONS}, {"context": "ci", "app_id": ACTIONS}]
    protection = {
        "required_status_checks": {
            "strict": False,
            "checks": [{"context": "lockgate/policy", "app_id": PORTAL_APP}, *checks],
        },
        "enforce_admins": True,
        "required_pull_request_reviews": None,
        "restrictions": {"users": [], "teams": ["heart-controllers", "maintainers"], "apps": []},
    }
    world.api("PUT", f"/repos/{CODE_REPO}/branches/main/protection", as_="maintainer", body=protection)


def _first_commit(world: World, repo: str, files: dict[str, str]) -> str:
    clone = world.folder / f"first-{repo.rpartition('/')[2]}"
    git(world.folder, "init", "-q", "--initial-branch=main", str(clone))
    git(clone, "config", "user.name", "maintainer")
    git(clone, "config", "user.email", "maintainer@example.org")
    sha = commit(clone, files, "Begin")
    remote = world.url.replace("://", f"://x-access-token:{PERSONAL['maintainer']}@") + f"/{repo}.git"
    git(clone, "push", "-q", remote, "main")
    return sha
