"""A local GitHub with a Node Repo and a Code Repo, and the portal beside it: arranged by what people do.

`World.catch_up()` does what the portal's worker does: it goes round until nothing is due.
"""

from __future__ import annotations

import base64
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from nacl.signing import SigningKey

from governance import github, messages
from governance.models import Person, Project, PullRequest
from governance.passes import ask_for_what_is_due
from governance.signin import store_token, sync_groups
from governance.tasks import take_in
from lockgate.formats import Account, JobRequest, write_job_request
from lockgate.github import AppKey
from standins.github import Seed, Site, create_app
from tests import portal_environment as environment
from tests.gate.study import REQUEST, base_files, result_of
from tests.governance.line import Line
from tests.governance.seed import (
    ACTIONS,
    CODE_REPO,
    IDS,
    NODE_APP,
    NODE_REPO,
    ORGANIZATION,
    PERSONAL,
    PORTAL_APP,
    seed,
)
from tests.services.asgi import serving
from tests.standin.workshop import Workshop
from tests.standin.world import commit, git

NODE_KEY = SigningKey.generate()
HTTP = httpx.Client(trust_env=False)  # one for all tests: each would read all certificates anew
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
PROTECTION = {
    "required_status_checks": {
        "strict": False,
        "checks": [
            {"context": "lockgate/policy", "app_id": PORTAL_APP},
            {"context": "gate", "app_id": ACTIONS},
            {"context": "ci", "app_id": ACTIONS},
        ],
    },
    "enforce_admins": True,
    "required_pull_request_reviews": None,
    "restrictions": {"users": [], "teams": ["heart-controllers", "maintainers"], "apps": []},
}


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
        answer = HTTP.request(
            method,
            f"{self.url}/api/v3{path}",
            json=body,
            headers={"Authorization": f"Bearer {token}", "X-GitHub-Api-Version": "2026-03-10"},
        )
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def installation_token(self, app: int) -> str:
        if app not in self._tokens:
            headers = {"Authorization": f"Bearer {app_jwt(app)}"}
            root = f"{self.url}/api/v3"
            found = HTTP.get(f"{root}/users/{ORGANIZATION}/installation", headers=headers).json()
            address = f"{root}/app/installations/{found['id']}/access_tokens"
            self._tokens[app] = HTTP.post(address, headers=headers, json={}).json()["token"]
        return self._tokens[app]

    def remote(self, repo: str, login: str) -> str:
        return self.url.replace("://", f"://x-access-token:{PERSONAL[login]}@") + f"/{repo}.git"

    def clone(self, repo: str, login: str) -> Path:
        folder = self.folder / f"clone-{len(list(self.folder.iterdir()))}"
        who = ("-c", f"user.name={login}", "-c", f"user.email={login}@example.org")
        git(self.folder, "clone", "-q", *who, self.remote(repo, login), str(folder))
        return folder

    def push(
        self, branch: str, files: dict[str, str], *, login: str, repo: str = CODE_REPO, start: str = "main"
    ) -> str:
        """One more commit on a branch (begun at `start` where it is new), pushed by git."""
        site: Site = self.line.app.state.site
        repository = site.repository_named(*repo.split("/"))
        assert repository is not None
        there = site.git(repository)
        workshop = Workshop.beside(self.folder / "workshop")
        workshop.borrows(there.path)
        onto = there.ref(f"refs/heads/{branch}") or there.ref(f"refs/heads/{start}")
        assert onto is not None, f"no branch {start}"
        sha = workshop.commit(files, login=login, start=onto)
        assert workshop.push(self.remote(repo, login), branch), f"GitHub took no push to {branch}"
        return sha

    def push_clone(self, clone: Path, branch: str) -> str:
        """Everything that stands in the clone, as one commit on a new branch."""
        git(clone, "checkout", "-q", "-b", branch)
        sha = commit(clone, {})
        git(clone, "push", "-q", "origin", branch)
        return sha

    def propose_results(self) -> int:
        """The node's App opens the pull request with the results of `a_request()`, which is merged."""
        repo, branch = f"/repos/{CODE_REPO}", f"results/{a_request().id}/north/1f0e3dad"
        main = self.api("GET", f"{repo}/git/ref/heads/main", as_=NODE_APP)["object"]["sha"]
        self.api("POST", f"{repo}/git/refs", as_=NODE_APP, body={"ref": f"refs/heads/{branch}", "sha": main})
        for path, data in result_of(a_request()).items():
            file = {"message": "Results", "branch": branch, "content": base64.b64encode(data).decode()}
            self.api("PUT", f"{repo}/contents/{path}", as_=NODE_APP, body=file)
        said = {"title": "Results", "head": branch, "base": "main"}
        return int(self.api("POST", f"{repo}/pulls", as_=NODE_APP, body=said)["number"])

    def checks_pass(self, pull_request: PullRequest, *, repo: str = CODE_REPO) -> None:
        """Actions reports `gate` and `ci` as successful on the head."""
        for name in ("gate", "ci"):
            body = {
                "name": name,
                "head_sha": pull_request.head_sha,
                "status": "completed",
                "conclusion": "success",
            }
            self.api("POST", f"/repos/{repo}/check-runs", as_=ACTIONS, body=body)

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
        take_in(seconds=60)
        ask_for_what_is_due()
        take_in(seconds=60)
        messages.deliver_due()

    def pass_again(self) -> None:
        """As if periods and pauses had gone by: every piece of work, write and team is due now."""
        from django.db.models import F
        from django.utils import timezone

        from governance.models import Outgoing, Team, Work
        from governance.passes import TEAM_AFTER

        Team.objects.update(confirmed_at=F("confirmed_at") - TEAM_AFTER)
        Work.objects.update(due_at=timezone.now(), leased_until=None)
        Outgoing.objects.update(due_at=timezone.now())
        self.catch_up()


def app_jwt(app: int) -> str:
    return AppKey(app, environment.APP_KEY_FILE.read_text()).jwt()


def a_request(login: str = "researcher", **changes: Any) -> JobRequest:
    return replace(REQUEST, requested_by=Account(IDS[login], login), **changes)


def request_file(request: JobRequest) -> dict[str, str]:
    return {f"jobs/{request.id}.yaml": write_job_request(request).decode()}


@contextmanager
def served(folder: Path, seeded: dict[str, Any] | None = None) -> Iterator[World]:
    """The local GitHub at the address that the portal is configured with."""
    listener = socket.create_server(("127.0.0.1", environment.GITHUB_PORT))
    begins = Seed.of(seeded or seed(environment.APP_KEY_FILE))
    app = create_app(folder / "github", begins, url=environment.GITHUB_URL)
    line = Line(app)
    github.reader.cache_clear()
    github.writer.cache_clear()
    shutil.rmtree(environment.FOLDER / "data" / "mirrors", ignore_errors=True)
    with serving(line, listener, log_level="critical"):
        yield World(folder, line, environment.GITHUB_URL)


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
    world.api("PUT", f"/repos/{CODE_REPO}/branches/main/protection", as_="maintainer", body=PROTECTION)


def _first_commit(world: World, repo: str, files: dict[str, str]) -> str:
    clone = world.folder / f"first-{repo.rpartition('/')[2]}"
    git(world.folder, "init", "-q", "--initial-branch=main", str(clone))
    git(clone, "config", "user.name", "maintainer")
    git(clone, "config", "user.email", "maintainer@example.org")
    sha = commit(clone, files, "Begin")
    git(clone, "push", "-q", world.remote(repo, "maintainer"), "main")
    return sha
