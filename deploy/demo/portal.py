"""The portal's processes and their environment: they hold no key of the node's internal storage."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping

from deploy.demo import github, probes
from deploy.demo.keys import Keys
from deploy.demo.layout import ACCOUNTS, BIN, HOST, NODE_REPO, ROOT, Layout
from deploy.demo.processes import Program
from deploy.demo.repositories import TOKEN_VARIABLE

CLEAN, FOUND = 0, 1  # how `manage.py posture` ends where it could tell


def environment(layout: Layout, keys: Keys, base: Mapping[str, str]) -> dict[str, str]:
    words = keys.secrets
    database = f"{HOST}:{layout.ports.postgres}"
    return {
        **base,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "LOCKGATE_SECRET_KEY": words.django,
        "LOCKGATE_URL": layout.portal_url,
        "LOCKGATE_ALLOWED_HOSTS": f"{HOST},localhost",
        "LOCKGATE_DATABASE_URL": f"postgresql://portal:{words.portal_database}@{database}/portal",
        "LOCKGATE_BROKER_URL": f"pgmq://broker:{words.broker_database}@{database}/broker",
        "LOCKGATE_GITHUB_URL": layout.github_url,
        "LOCKGATE_APP_ID": str(github.PORTAL_APP),
        "LOCKGATE_APP_PRIVATE_KEY_FILE": str(keys.portal_app),
        "LOCKGATE_APP_CLIENT_ID": words.client_id,
        "LOCKGATE_APP_CLIENT_SECRET": words.client_secret,
        "LOCKGATE_WEBHOOK_SECRET": words.webhook_secret,
        "LOCKGATE_MESSAGE_KEY_FILE": str(keys.portal_messages.file),
        "LOCKGATE_TOKEN_KEYS": words.token_key,
        "LOCKGATE_NODE_REPOS": NODE_REPO,
        "LOCKGATE_DATA_DIR": str(layout.portal_data),
        "LOCKGATE_ALLOWED_ADDRESSES": HOST,
        "LOCKGATE_ADMINISTRATORS": str(ACCOUNTS["maintainer"]),
        "NORTH_PUBLICATION_ACCESS_KEY_ID": words.portal_store_key,
        "NORTH_PUBLICATION_SECRET_ACCESS_KEY": words.portal_store_secret,
    }


def prepare(layout: Layout, variables: Mapping[str, str]) -> None:
    layout.portal_data.mkdir(parents=True, exist_ok=True)
    for command in (("migrate", "--verbosity", "0"), ("collectstatic", "--no-input", "--verbosity", "0")):
        subprocess.run(
            [str(BIN / "python"), "manage.py", *command], cwd=ROOT, env=dict(variables), check=True
        )


def show_posture(variables: Mapping[str, str], token: str) -> bool:
    """Read the posture as an administrator does after `lockgate protect`; whether all could be told.

    GitHub shows who may bypass a ruleset to an administrator alone, and the portal remembers it for as
    long as the ruleset stays as it was.
    """
    command = (str(BIN / "python"), "manage.py", "posture", "--token-env", TOKEN_VARIABLE)
    environment = {**variables, TOKEN_VARIABLE: token}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    return done.returncode in (CLEAN, FOUND)


def programs(layout: Layout, variables: Mapping[str, str]) -> list[Program]:
    web = [
        *(str(BIN / "gunicorn"), "portal.wsgi", "--bind", f"{HOST}:{layout.ports.portal}"),
        *("--workers", "2", "--threads", "4", "--worker-class", "gthread", "--no-control-socket"),
    ]
    worker = [
        *(str(BIN / "celery"), "-A", "portal.celery", "worker", "--queues", "portal"),
        *(
            "--pool",
            "threads",
            "--concurrency",
            "2",
            "--loglevel",
            "INFO",
            "--without-gossip",
            "--without-mingle",
        ),
    ]
    started = probes.says(layout.logs / "portal-worker.log", " ready.")
    return [
        Program("portal-web", web, variables, ROOT, probes.answers(f"{layout.portal_url}/status")),
        Program("portal-worker", worker, variables, ROOT, started),
    ]
