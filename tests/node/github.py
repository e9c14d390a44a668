"""A local GitHub with a Node Repo and a Code Repo, and what people and Apps do there."""

from __future__ import annotations

import base64
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from lockgate.github import AppKey
from standins.github import Seed, create_app
from tests.gate.repository import ENVIRONMENT, Repository
from tests.services.asgi import serving

ORGANIZATION = "north-health"
CODE_REPO, NODE_REPO = f"{ORGANIZATION}/heart-study", f"{ORGANIZATION}/north-node"
PORTAL_APP, NODE_APP, NODE_ACCOUNT = 3001, 3002, 4002
PEOPLE = {"researcher": 1001, "controller": 1003, "maintainer": 1005}


@cache
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def token_of(login: str) -> str:
    return f"ghp_test-only-{login}"


def _seed(folder: Path) -> Seed:
    key = folder / "app.pem"
    key.write_text(private_key())
    key.chmod(0o600)
    return Seed.of(
        {
            "accounts": [{"login": login, "id": number, "name": login} for login, number in PEOPLE.items()],
            "organizations": [
                {"login": ORGANIZATION, "id": 2001, "admins": ["maintainer"], "members": list(PEOPLE)}
            ],
            "apps": [
                _app(key, PORTAL_APP, "lockgate", 4001, checks="write"),
                _app(key, NODE_APP, "lockgate-north", NODE_ACCOUNT, checks="read"),
            ],
            "tokens": [
                {"login": login, "token": token_of(login), "scopes": ["repo", "admin:org"]}
                for login in PEOPLE
            ],
            "repositories": [
                {
                    "owner": ORGANIZATION,
                    "name": name.split("/")[1],
                    "private": True,
                    "default_branch": "main",
                    "collaborators": {"researcher": "push", "controller": "push", "maintainer": "admin"},
                }
                for name in (CODE_REPO, NODE_REPO)
            ],
        }
    )


def _app(key: Path, number: int, slug: str, account: int, **permissions: str) -> dict[str, Any]:
    return {
        "id": number,
        "slug": slug,
        "name": slug,
        "account": account,
        "client_id": f"Iv1.{slug}",
        "private_key_file": str(key),
        "permissions": {"contents": "write", "pull_requests": "write", "metadata": "read", **permissions},
        "installations": [{"account": ORGANIZATION, "repositories": ["heart-study", "north-node"]}],
    }


@dataclass(frozen=True)
class GitHub:
    """The stand-in on a real socket."""

    folder: Path
    url: str

    def call(self, method: str, path: str, token: str, **body: Any) -> Any:
        answer = httpx.request(
            method,
            f"{self.url}/api/v3{path}",
            json=body or None,
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def code(self, method: str, path: str, login: str = "researcher", **body: Any) -> Any:
        return self.call(method, f"/repos/{CODE_REPO}{path}", token_of(login), **body)

    def push(
        self, repository: Repository, refspec: str, name: str = CODE_REPO, login: str = "maintainer"
    ) -> None:
        basic = base64.b64encode(f"{login}:{token_of(login)}".encode()).decode()
        header = f"http.extraHeader=Authorization: Basic {basic}"
        subprocess.run(
            ["git", "-c", header, "push", "--quiet", "--force", f"{self.url}/{name}.git", refspec],
            cwd=repository.path,
            env=ENVIRONMENT,
            check=True,
            capture_output=True,
        )

    def fetch(self, repository: Repository, name: str = CODE_REPO) -> None:
        """Bring the person's clone up to date with what others did."""
        basic = base64.b64encode(f"maintainer:{token_of('maintainer')}".encode()).decode()
        header = f"http.extraHeader=Authorization: Basic {basic}"
        subprocess.run(
            ["git", "-c", header, "fetch", "--quiet", f"{self.url}/{name}.git", "+refs/heads/*:refs/heads/*"],
            cwd=repository.path,
            env=ENVIRONMENT,
            check=True,
        )

    def propose(
        self,
        repository: Repository,
        branch: str,
        files: Mapping[str, bytes | None],
        login: str = "researcher",
    ) -> int:
        """A pull request of a person with one commit upon main; its number."""
        repository.commit(files, branch=branch)
        self.push(repository, f"refs/heads/{branch}:refs/heads/{branch}", login=login)
        return int(self.code("POST", "/pulls", login, title=branch, head=branch, base="main")["number"])

    def head_of(self, number: int) -> str:
        return str(self.code("GET", f"/pulls/{number}")["head"]["sha"])

    def approve(self, number: int, conclusion: str = "success") -> None:
        """The portal's word on a pull request's head."""
        self.call(
            "POST",
            f"/repos/{CODE_REPO}/check-runs",
            self.app_token(PORTAL_APP),
            name="lockgate/policy",
            head_sha=self.head_of(number),
            status="completed",
            conclusion=conclusion,
        )

    def merge(self, number: int, login: str = "controller") -> str:
        return str(self.code("PUT", f"/pulls/{number}/merge", login, sha=self.head_of(number))["sha"])

    def open_pulls(self) -> list[dict[str, Any]]:
        return list(self.code("GET", "/pulls?state=open"))

    def app_token(self, app: int) -> str:
        signed = AppKey(app, private_key()).jwt()
        (installation,) = self.call("GET", "/app/installations", signed)
        path = f"/app/installations/{installation['id']}/access_tokens"
        return str(self.call("POST", path, signed)["token"])


@contextmanager
def github(folder: Path) -> Iterator[GitHub]:
    """The stand-in on a free port, for as long as the block runs."""
    folder.mkdir(parents=True, exist_ok=True)
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = create_app(folder / "data", _seed(folder), url=url)
    with serving(app, listener):
        yield GitHub(folder, url)
