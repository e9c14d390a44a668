"""Who and what the local GitHub begins with in these tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests import portal_environment as environment

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
PERSONAL = {login: f"ghp_test-only-{login}" for login in IDS}


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
