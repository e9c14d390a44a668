"""The local GitHub of the demo: its people, teams, Apps and repositories."""

from __future__ import annotations

import json
import os
from typing import Any

from deploy.demo import probes
from deploy.demo.keys import Keys
from deploy.demo.layout import ACCOUNTS, BIN, CODE_REPO, NODE_REPO, ORGANIZATION, ROOT, Layout
from deploy.demo.processes import Program
from governance.posture import permissions
from governance.posture.permissions import levels

PORTAL_APP, PORTAL_ACCOUNT = 3001, 4001
NODE_APP, NODE_ACCOUNT = 3002, 4002
ACTIONS_APP = 15368
RECORDS = "STANDIN_GITHUB_RECORDS"  # where the local GitHub writes down what it says, for tests
TEAMS = {
    "heart-researchers": ["researcher", "researcher-2"],
    "heart-controllers": ["controller", "controller-2"],
    "north-controllers": ["controller", "controller-2"],
    "maintainers": ["maintainer"],
}
TEAM_PERMISSION = {
    "heart-researchers": "push",
    "heart-controllers": "push",
    "north-controllers": "push",
    "maintainers": "admin",
}
PORTAL_PERMISSIONS = levels(permissions.PORTAL_PERMISSIONS)
NODE_PERMISSIONS = levels(permissions.NODE_PERMISSIONS)
EVENTS = [event.name for event in permissions.PORTAL_EVENTS]


def program(layout: Layout, keys: Keys, environment: dict[str, str]) -> Program:
    seed = layout.home / "github-seed.json"
    seed.touch(mode=0o600)
    seed.write_text(json.dumps(_seed(layout, keys), indent=2))
    command = [str(BIN / "python"), "-m", "standins.github", "--data", str(layout.github_data)]
    recorded = {RECORDS: os.environ[RECORDS]} if RECORDS in os.environ else {}
    return Program(
        "github",
        [*command, "--port", str(layout.ports.github), "--seed", str(seed)],
        {**environment, **recorded},
        ROOT,
        probes.answers(f"{layout.github_url}/api/v3/meta"),
    )


def _seed(layout: Layout, keys: Keys) -> dict[str, Any]:
    return {
        "accounts": [_account(login, number) for login, number in ACCOUNTS.items()],
        "organizations": [
            {
                "login": ORGANIZATION,
                "id": 2001,
                "admins": ["maintainer"],
                "members": [login for login in ACCOUNTS if login not in ("maintainer", "outsider")],
            }
        ],
        "teams": [
            {"organization": ORGANIZATION, "slug": slug, "members": members}
            for slug, members in TEAMS.items()
        ],
        "apps": [_portal_app(layout, keys), _node_app(keys)],
        "tokens": [
            _token("maintainer", keys.secrets.maintainer_token, "repo", "admin:org", "workflow"),
            _token("researcher", keys.secrets.researcher_token, "repo"),
        ],
        "repositories": [_repository(CODE_REPO), _repository(NODE_REPO)],
        "actions": {
            "app_id": ACTIONS_APP,
            "wheelhouse": str(layout.wheelhouse),
            "environments": str(layout.environments),
            "uv": str(BIN / "uv"),
        },
    }


def _token(login: str, token: str, *scopes: str) -> dict[str, Any]:
    return {"login": login, "token": token, "scopes": list(scopes)}


def _account(login: str, number: int) -> dict[str, Any]:
    return {"login": login, "id": number, "name": login.replace("-", " ").capitalize(), "site_admin": False}


def _repository(full_name: str) -> dict[str, Any]:
    owner, name = full_name.split("/")
    return {
        "owner": owner,
        "name": name,
        "private": True,
        "default_branch": "main",
        "teams": TEAM_PERMISSION,
        "collaborators": {},
    }


def _portal_app(layout: Layout, keys: Keys) -> dict[str, Any]:
    return {
        "id": PORTAL_APP,
        "slug": "lockgate",
        "name": "Lockgate",
        "account": PORTAL_ACCOUNT,
        "client_id": keys.secrets.client_id,
        "client_secret": keys.secrets.client_secret,
        "private_key_file": str(keys.portal_app),
        "webhook_url": f"{layout.portal_url}/webhooks/github",
        "webhook_secret": keys.secrets.webhook_secret,
        "callback_urls": [f"{layout.portal_url}/accounts/github/login/callback/"],
        "permissions": PORTAL_PERMISSIONS,
        "events": EVENTS,
        "installations": [_installation()],
    }


def _node_app(keys: Keys) -> dict[str, Any]:
    return {
        "id": NODE_APP,
        "slug": "lockgate-north",
        "name": "Lockgate north",
        "account": NODE_ACCOUNT,
        "client_id": "Iv1.north",
        "client_secret": keys.secrets.mark,
        "private_key_file": str(keys.node_app),
        "permissions": NODE_PERMISSIONS,
        "events": [],
        "installations": [_installation()],
    }


def _installation() -> dict[str, Any]:
    return {"account": ORGANIZATION, "repositories": [CODE_REPO.split("/")[1], NODE_REPO.split("/")[1]]}
