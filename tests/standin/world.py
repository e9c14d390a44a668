"""A local GitHub on a real socket, with people, Apps and one repository, and true clients for it."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from githubkit import AppAuthStrategy, AppInstallationAuthStrategy, GitHub
from githubkit.cache import MemCacheStrategy
from githubkit.exception import RequestFailed
from githubkit_schemas.v2026_03_10.rest import RestNamespace

from standins.github import Site, create_app
from standins.github.auth.tokens import issue, issue_user_tokens
from standins.github.store import App, PullRequest, Token
from tests.services.asgi import serving
from tests.standin.seeded import (
    ACTIONS_APP,
    FULL_NAME,
    HERE,
    IDS,
    NODE_APP,
    ORGANIZATION,
    OUTSIDER,
    PERSONAL,
    PORTAL_APP,
    REPOSITORY,
    private_key,
    seed,
    signed_jwt,
)

__all__ = [
    "ACTIONS_APP",
    "FULL_NAME",
    "HERE",
    "IDS",
    "NODE_APP",
    "ORGANIZATION",
    "OUTSIDER",
    "PERSONAL",
    "PORTAL_APP",
    "REPOSITORY",
    "World",
    "commit",
    "first_commit",
    "git",
    "private_key",
    "refused",
    "seed",
    "served",
    "signed_jwt",
]


@dataclass
class World:
    """`site` is the inside of the stand-in, to arrange and to look; clients go through the socket."""

    folder: Path
    site: Site
    url: str
    _clients: ExitStack
    _rest: dict[str, RestNamespace] = field(default_factory=dict)

    @property
    def api(self) -> str:
        return f"{self.url}/api/v3/"

    def client(self, auth: Any) -> GitHub[Any]:
        """githubkit keeps installation tokens in the process, whatever the server: so a cache of its own."""
        options = {"http_cache": False, "auto_retry": False, "timeout": 30, "ssl_verify": False}
        github = GitHub(auth, base_url=self.api, cache_strategy=MemCacheStrategy(), **options)
        return self._clients.enter_context(github)

    def person(self, login: str) -> RestNamespace:
        """githubkit's typed REST client with this person's own token."""
        return self._kept(login, PERSONAL[login])

    def token(self, token: str) -> RestNamespace:
        return self._kept(token, token)

    def app(self, number: int = PORTAL_APP) -> RestNamespace:
        """As the App itself, by JWT."""
        return self._kept(f"app {number}", AppAuthStrategy(str(number), private_key()))

    def installation(self, number: int = PORTAL_APP) -> RestNamespace:
        """As the App's installation, with a token that githubkit fetches."""
        found = self.app(number).apps.get_repo_installation(*HERE).parsed_data
        auth = AppInstallationAuthStrategy(str(number), private_key(), found.id)
        return self._kept(f"installation {number}", auth)

    def _kept(self, name: str, auth: Any) -> RestNamespace:
        if name not in self._rest:
            client = self.client(auth)
            self._rest[name] = client.rest("2026-03-10")
        return self._rest[name]

    def http(
        self, login: str | None = None, headers: Mapping[str, str] | None = None, **options: Any
    ) -> httpx.Client:
        """No TLS anywhere here, so none is made ready, which costs more than all the rest."""
        own = {"authorization": f"Bearer {PERSONAL[login]}"} if login else {}
        return self._clients.enter_context(
            httpx.Client(base_url=self.url, headers={**own, **(headers or {})}, verify=False, **options)
        )

    def remote(self, token: str | None, name: str = FULL_NAME) -> str:
        secret = f"x-access-token:{token}@" if token else ""
        return self.url.replace("://", f"://{secret}") + f"/{name}.git"

    def clone(self, login: str, *options: str) -> Path:
        """A clone over HTTP in a folder of its own, with that person as author."""
        target = self.folder / f"clone-{login}-{time.monotonic_ns()}"
        git(self.folder, "clone", "-q", *options, self.remote(PERSONAL[login]), str(target))
        git(target, "config", "user.name", login)
        git(target, "config", "user.email", f"{login}@example.org")
        return target

    def branch(
        self, name: str, files: dict[str, str], *, login: str = "researcher", base: str = "main"
    ) -> str:
        """A branch with one more commit than the branch `base`, by the API; its head SHA."""
        http, data = self.http(login), f"/api/v3/repos/{FULL_NAME}/git"
        start = http.get(f"{data}/ref/heads/{base}").json()["object"]["sha"]
        entries = [{"path": path, "mode": "100644", "content": text} for path, text in files.items()]
        tree = http.post(f"{data}/trees", json={"base_tree": start, "tree": entries}).json()["sha"]
        author = {"name": login, "email": f"{login}@example.org"}
        said = {"message": "Change files", "tree": tree, "parents": [start], "author": author}
        head = http.post(f"{data}/commits", json=said).json()["sha"]
        http.post(f"{data}/refs", json={"ref": f"refs/heads/{name}", "sha": head}).raise_for_status()
        return str(head)

    def pull(self, name: str, files: dict[str, str], *, login: str = "researcher") -> Any:
        """A pull request by this person from a new branch."""
        self.branch(name, files, login=login)
        return self.open_pull(name, login=login)

    def open_pull(self, head: str, *, login: str = "researcher") -> Any:
        rest = self.person(login).pulls
        return rest.create(*HERE, title=f"Propose {head}", head=head, base="main", body="Why").parsed_data

    def push_to_main(self, files: dict[str, str], login: str = "maintainer") -> str:
        clone = self.clone(login)
        sha = commit(clone, files)
        git(clone, "push", "-q", "origin", "main")
        return sha

    def protect(self, branch: str = "main", **settings: Any) -> None:
        """Protection as `lockgate protect` sets it, but without required checks unless given."""
        everything = {
            "required_status_checks": None,
            "required_pull_request_reviews": {"required_approving_review_count": 0},
            "restrictions": {"users": [], "teams": ["heart-controllers", "maintainers"], "apps": []},
            "enforce_admins": True,
            **settings,
        }
        rest = self.person("maintainer").repos
        rest.update_branch_protection(*HERE, branch, data=everything)

    def check(self, sha: str, name: str = "lockgate/policy", app: int = PORTAL_APP, **said: Any) -> Any:
        """An App's word on a commit: by default that it passed."""
        said = said or {"conclusion": "success"}
        return (
            self.installation(app)
            .checks.create(*HERE, data={"name": name, "head_sha": sha, **said})
            .parsed_data
        )

    def installation_token(self, number: int = PORTAL_APP, **asked: Any) -> str:
        rest = self.app(number).apps
        found = rest.get_repo_installation(*HERE).parsed_data
        return rest.create_installation_access_token(found.id, data=asked).parsed_data.token

    def user_token(self, login: str, number: int = PORTAL_APP) -> str:
        """As after a sign-in through the App."""
        person = self.site.account_named(login)
        assert person is not None
        return issue_user_tokens(self.site, self.app_row(number), person)[0]

    def personal_token(self, secret: str, login: str, scopes: list[str]) -> None:
        person = self.site.account_named(login)
        assert person is not None
        issue(self.site, Token(0, "", "personal", account_id=person.id, scopes=scopes), secret=secret)

    def site_ref(self, name: str) -> None:
        """A branch at main, made by the API."""
        rest = self.person("maintainer").git
        sha = rest.get_ref(*HERE, "heads/main").parsed_data.object_.sha
        rest.create_ref(*HERE, ref=f"refs/heads/{name}", sha=sha)

    def pull_row(self, number: int) -> PullRequest:
        row = self.site.store.first(PullRequest, number=number)
        assert row is not None
        return row

    def activity_of(self, branch: str) -> list[Any]:
        return self.person("maintainer").repos.list_activities(*HERE, ref=branch).parsed_data

    def app_row(self, number: int) -> App:
        return self.site.store.get(App, number)

    def reader(self, login: str) -> None:
        """Makes a person a collaborator who may only read."""
        self.person("maintainer").repos.add_collaborator(*HERE, login, permission="pull")


def refused(act: Callable[[], Any]) -> Any:
    """The answer with which GitHub refuses."""
    with pytest.raises(RequestFailed) as caught:
        act()
    return caught.value.response


def stranger(folder: Path) -> dict[str, str]:
    """An environment in which git knows nothing of this machine's settings."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
    }


def git(folder: Path, *arguments: str, fails: bool = False, either: bool = False) -> str:
    """Runs git as a stranger to this machine's settings; where it `fails` returns its complaint."""
    result = subprocess.run(
        ["git", *arguments], cwd=folder, env=stranger(folder), capture_output=True, text=True, check=False
    )
    failed = result.returncode != 0
    assert either or failed == fails, f"git {arguments}: {result.stdout}{result.stderr}"
    return result.stderr if failed else result.stdout.strip()


def commit(clone: Path, files: dict[str, str], message: str = "Change files") -> str:
    for path, text in files.items():
        (clone / path).parent.mkdir(parents=True, exist_ok=True)
        (clone / path).write_text(text)
    git(clone, "add", "-A")
    git(clone, "commit", "-q", "-m", message)
    return git(clone, "rev-parse", "HEAD")


@contextmanager
def served(folder: Path, data: Path | None = None) -> Iterator[World]:
    """The stand-in on a free port, for as long as the block runs."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = create_app(data or folder / "data", seed(folder), url=url)
    with serving(app, listener), ExitStack() as clients:
        yield World(folder, app.state.site, url, clients)


def first_commit(world: World) -> str:
    """main with a few files, pushed by the maintainer."""
    clone = world.folder / "first"
    git(world.folder, "init", "-q", "--initial-branch=main", str(clone))
    git(clone, "config", "user.name", "maintainer")
    git(clone, "config", "user.email", "maintainer@example.org")
    commit(clone, {"README.md": "# Heart study\n", "data/numbers.txt": "one\ntwo\nthree\n"}, "Begin")
    git(clone, "push", "-q", world.remote(PERSONAL["maintainer"]), "main")
    return git(clone, "rev-parse", "HEAD")
