"""The people, Apps and repositories of the tests."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwt.algorithms import RSAAlgorithm

from standins.github import Seed

ORGANIZATION, REPOSITORY = "north-health", "heart-study"
HERE = (ORGANIZATION, REPOSITORY)
FULL_NAME = f"{ORGANIZATION}/{REPOSITORY}"
ACTIONS_APP, PORTAL_APP, NODE_APP = 15368, 3001, 3002
IDS = {"researcher": 1001, "researcher-2": 1002, "controller": 1003, "controller-2": 1004, "maintainer": 1005}
OUTSIDER = 1006
PERSONAL = {login: f"ghp_test-only-{login}" for login in (*IDS, "outsider")}


@cache
def private_key() -> str:
    return other_key()


def other_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def seed(folder: Path) -> Seed:
    key = folder / "app.pem"
    key.write_text(private_key())
    return Seed.of(
        {
            "accounts": [
                {"login": login, "id": number, "name": login.title()}
                for login, number in {**IDS, "outsider": OUTSIDER}.items()
            ],
            "organizations": [
                {"login": ORGANIZATION, "id": 2001, "admins": ["maintainer"], "members": list(IDS)[:4]}
            ],
            "teams": [
                _team("heart-researchers", "researcher", "researcher-2"),
                _team("heart-controllers", "controller", "controller-2"),
                _team("maintainers", "maintainer"),
            ],
            "apps": [
                _app(PORTAL_APP, "lockgate", 4001, key, contents="write", checks="write"),
                _app(NODE_APP, "lockgate-north", 4002, key, contents="write", checks="read"),
            ],
            "tokens": [
                {"login": login, "token": token, "scopes": ["repo", "admin:org"]}
                for login, token in PERSONAL.items()
            ],
            "repositories": [
                {
                    "owner": ORGANIZATION,
                    "name": REPOSITORY,
                    "private": True,
                    "default_branch": "main",
                    "teams": {
                        "heart-researchers": "push",
                        "heart-controllers": "push",
                        "maintainers": "admin",
                    },
                },
                {"owner": ORGANIZATION, "name": "elsewhere", "private": True, "default_branch": "main"},
            ],
        }
    )


def _team(slug: str, *members: str) -> dict[str, Any]:
    return {"organization": ORGANIZATION, "slug": slug, "members": members}


def _app(number: int, slug: str, account: int, key: Path, **permissions: str) -> dict[str, Any]:
    return {
        "id": number,
        "slug": slug,
        "name": slug.title(),
        "account": account,
        "client_id": f"Iv1.{slug}",
        "client_secret": f"test-only-secret-of-{slug}",
        "private_key_file": str(key),
        "callback_urls": ["http://127.0.0.1:9/accounts/github/login/callback/"],
        "permissions": {"pull_requests": "write", "members": "read", "administration": "read", **permissions},
        "events": ["pull_request"],
        "installations": [{"account": ORGANIZATION, "repositories": [REPOSITORY]}],
    }


def signed_jwt(
    *, issuer: int | str = PORTAL_APP, age: int = 0, life: int = 540, key: str | None = None
) -> str:
    moment = int(time.time()) - age
    claims = {"iat": moment, "exp": moment + life, "iss": str(issuer)}
    return jwt.encode(claims, key or _signing_key(), algorithm="RS256")


@cache
def _signing_key() -> Any:
    """Parsed once: it takes 20 ms."""
    return RSAAlgorithm(RSAAlgorithm.SHA256).prepare_key(private_key())
