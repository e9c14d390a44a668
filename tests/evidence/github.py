"""A local GitHub with one Code Repo, and what people and Apps do there; each act by its own token."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.gate.repository import ENVIRONMENT, Repository

ORGANIZATION, NAME = "north-health", "heart-study"
REPOSITORY = f"{ORGANIZATION}/{NAME}"
PORTAL_APP, NODE_APP, ACTIONS_APP = 3001, 3002, 15368
READ_ONLY = {"contents": "read", "pull_requests": "read", "checks": "read"}
TOKENS = {"researcher": "ghp_researcher0000000000", "maintainer": "ghp_maintainer0000000000"}


def seed(folder: Path) -> Path:
    """The seed file, beside the Apps' keys."""
    people = {"researcher": 1001, "researcher-2": 1002, "controller": 1003, "maintainer": 1005}
    teams = {"heart-controllers": ["controller"], "maintainers": ["maintainer"], "heart": ["researcher"]}
    content = {
        "accounts": [{"login": login, "id": number, "name": login} for login, number in people.items()],
        "organizations": [
            {"login": ORGANIZATION, "id": 2001, "admins": ["maintainer"], "members": ["researcher"]}
        ],
        "teams": [
            {"organization": ORGANIZATION, "slug": slug, "members": members}
            for slug, members in teams.items()
        ],
        "apps": [_app(folder, PORTAL_APP, "lockgate"), _app(folder, NODE_APP, "lockgate-north")],
        "tokens": [
            {"login": login, "token": token, "scopes": ["repo", "admin:org"]}
            for login, token in TOKENS.items()
        ],
        "repositories": [
            {
                "owner": ORGANIZATION,
                "name": NAME,
                "private": True,
                "default_branch": "main",
                "teams": {"heart": "push", "heart-controllers": "push", "maintainers": "admin"},
                "collaborators": {},
            }
        ],
    }
    path = folder / "seed.json"
    path.write_text(json.dumps(content))
    return path


def _app(folder: Path, number: int, slug: str) -> dict[str, Any]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    file = folder / f"{number}.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return {
        "id": number,
        "slug": slug,
        "name": slug,
        "account": number + 1000,
        "client_id": f"Iv1.{number}",
        "client_secret": "secret",
        "private_key_file": str(file),
        "permissions": {"contents": "write", "pull_requests": "write", "checks": "write"},
        "events": [],
        "installations": [{"account": ORGANIZATION, "repositories": [NAME]}],
    }


@dataclass
class GitHub:
    """The stand-in as its own process."""

    folder: Path
    url: str = ""
    process: subprocess.Popen[str] | None = None
    tokens: dict[int, str] = field(default_factory=dict)

    def start(self) -> None:
        seeded = seed(self.folder)
        command = [
            sys.executable,
            "-m",
            "standins.github",
            "--data",
            str(self.folder / "data"),
            "--port",
            "0",
        ]
        self.process = subprocess.Popen([*command, "--seed", str(seeded)], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.url = self.process.stdout.readline().split()[-1]

    def stop(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10)
            assert self.process.stdout
            self.process.stdout.close()

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

    def repo(self, method: str, path: str, token: str = TOKENS["researcher"], **body: Any) -> Any:
        return self.call(method, f"/repos/{REPOSITORY}{path}", token, **body)

    def app_token(self, app: int, permissions: dict[str, str] | None = None) -> str:
        """An installation token of an App, narrowed to `permissions`."""
        now = int(time.time())
        key = (self.folder / f"{app}.pem").read_text()
        signed = jwt.encode({"iat": now - 30, "exp": now + 300, "iss": str(app)}, key, "RS256")
        (installation,) = self.call("GET", "/app/installations", signed)
        path = f"/app/installations/{installation['id']}/access_tokens"
        asked = {"permissions": permissions} if permissions else {}
        return str(self.call("POST", path, signed, **asked)["token"])

    def push(self, repository: Repository, refspec: str, login: str = "researcher") -> None:
        """Push with a person's token; raises CalledProcessError where GitHub refuses."""
        basic = base64.b64encode(f"{login}:{TOKENS[login]}".encode()).decode()
        header = f"http.extraHeader=Authorization: Basic {basic}"
        subprocess.run(
            ["git", "-c", header, "push", "--quiet", "--force", f"{self.url}/{REPOSITORY}.git", refspec],
            cwd=repository.path,
            env={**ENVIRONMENT, "PATH": os.environ["PATH"]},
            check=True,
            capture_output=True,
        )

    def open(self, head: str) -> int:
        """The researcher's pull request of the branch `head` to main; its number."""
        return int(self.repo("POST", "/pulls", title=head, head=head, base="main")["number"])

    def post_policy(self, head: str, conclusion: str | None, app: int = PORTAL_APP) -> None:
        done = {"status": "completed", "conclusion": conclusion} if conclusion else {"status": "in_progress"}
        token = self.app_token(app)
        self.repo("POST", "/check-runs", token, name="lockgate/policy", head_sha=head, **done)

    def merge(self, number: int, head: str, login: str = "maintainer") -> str:
        return str(self.repo("PUT", f"/pulls/{number}/merge", TOKENS[login], sha=head)["sha"])
