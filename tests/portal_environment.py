"""The portal's environment in tests: made-up secrets, and a database of its own on a real PostgreSQL.

Loaded as a plugin by `tests/conftest.py`. PostgreSQL starts with the first test that needs the database.
"""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.services.ports import free_port

FOLDER = Path(tempfile.mkdtemp(prefix="lockgate-tests-"))
APP_KEY_FILE = FOLDER / "app.pem"
MESSAGE_KEY_FILE = FOLDER / "message.key"
GITHUB_PORT = free_port()  # a test that needs the local GitHub serves it here
GITHUB_URL = f"http://127.0.0.1:{GITHUB_PORT}"
WEBHOOK_SECRET = secrets.token_urlsafe(32)
CLIENT_ID = "Iv1.lockgate"
CLIENT_SECRET = secrets.token_urlsafe(32)


def write_private_key(path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )


def environment() -> dict[str, str]:
    return {
        "LOCKGATE_SECRET_KEY": secrets.token_urlsafe(50),
        "LOCKGATE_URL": "http://127.0.0.1:8400",
        "LOCKGATE_ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
        "LOCKGATE_DATABASE_URL": "postgresql://portal@127.0.0.1:1/portal",
        "LOCKGATE_BROKER_URL": "memory://",
        "LOCKGATE_GITHUB_URL": GITHUB_URL,
        "LOCKGATE_APP_ID": "3001",
        "LOCKGATE_APP_PRIVATE_KEY_FILE": str(APP_KEY_FILE),
        "LOCKGATE_APP_CLIENT_ID": CLIENT_ID,
        "LOCKGATE_APP_CLIENT_SECRET": CLIENT_SECRET,
        "LOCKGATE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "LOCKGATE_MESSAGE_KEY_FILE": str(MESSAGE_KEY_FILE),
        "LOCKGATE_TOKEN_KEYS": Fernet.generate_key().decode(),
        "LOCKGATE_NODE_REPOS": "north-health/north-node",
        "LOCKGATE_DATA_DIR": str(FOLDER / "data"),
        "LOCKGATE_ALLOWED_ADDRESSES": "127.0.0.1,localhost",
        "LOCKGATE_ADMINISTRATORS": "1005",
        "LOCKGATE_GITHUB_WRITES_APART": "0",  # tests of the pace set their own
    }


write_private_key(APP_KEY_FILE)
MESSAGE_KEY_FILE.write_text(base64.b64encode(secrets.token_bytes(32)).decode())
(FOLDER / "data" / "static").mkdir(parents=True)
os.environ.update(environment())
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
django.setup()  # now, so that conftest modules may import models
# The workers of a run inherit the environment, and each must read settings of its own.
del os.environ["DJANGO_SETTINGS_MODULE"]


@pytest.fixture(scope="session")
def portal_postgres() -> Iterator[object]:
    """The PostgreSQL server under the portal's test database."""
    from tests.services.postgres import postgres

    folder = Path(tempfile.mkdtemp(prefix="lockgate-postgres-"))
    folder.chmod(0o755)
    with postgres(folder / "data") as server:
        yield server
    shutil.rmtree(folder, ignore_errors=True)


def pytest_unconfigure() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(portal_postgres: object) -> None:
    """Point Django at the server that was started for this session (pytest-django calls it first)."""
    from django.db import connections

    connections["default"].settings_dict.update(
        HOST="127.0.0.1",
        PORT=str(portal_postgres.port),  # type: ignore[attr-defined]
        USER="postgres",
        PASSWORD=portal_postgres.password,  # type: ignore[attr-defined]
    )


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    """Let tests that commit empty the tables afterwards: the audit's guard against TRUNCATE is lifted."""
    import pgtrigger

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        pgtrigger.disable("governance.AuditEvent:no_truncate")
