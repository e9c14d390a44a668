"""The portal does not start with settings that are missing or unsafe, and says all that is wrong at once."""

from __future__ import annotations

import os
from pathlib import Path

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.configuration import read_configuration, sign_in_host
from tests import portal_environment as environment


def start(monkeypatch: pytest.MonkeyPatch, **changes: str | None) -> str:
    """What the portal says when it is started with these settings; empty where it starts."""
    for name in [name for name in os.environ if name.startswith("LOCKGATE_")]:
        monkeypatch.delenv(name)
    for name, value in {**environment.environment(), **changes}.items():
        if value is not None:
            monkeypatch.setenv(name, value)
    try:
        read_configuration(environ.Env())
    except ImproperlyConfigured as error:
        return str(error)
    return ""


def test_good_settings_start(monkeypatch: pytest.MonkeyPatch) -> None:
    assert start(monkeypatch) == ""


REQUIRED = [
    name
    for name in environment.environment()
    if name not in ("LOCKGATE_ALLOWED_ADDRESSES", "LOCKGATE_ADMINISTRATORS", "LOCKGATE_GITHUB_WRITES_APART")
]


@pytest.mark.parametrize("name", REQUIRED)
def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert name in start(monkeypatch, **{name: None})


UNSAFE = {
    "a short secret key": {"LOCKGATE_SECRET_KEY": "short"},
    "a short webhook secret": {"LOCKGATE_WEBHOOK_SECRET": "short"},
    "plain http to another machine": {"LOCKGATE_GITHUB_URL": "http://github.example.org"},
    "plain http to browsers": {"LOCKGATE_URL": "http://lockgate.example.org"},
    "debug on a public address": {"LOCKGATE_DEBUG": "on", "LOCKGATE_URL": "https://lockgate.example.org"},
    "any host": {"LOCKGATE_ALLOWED_HOSTS": "*"},
    "another database": {"LOCKGATE_DATABASE_URL": "sqlite:///db.sqlite3"},
    "a token key that is none": {"LOCKGATE_TOKEN_KEYS": "abc"},
    "administrators by login": {"LOCKGATE_ADMINISTRATORS": "maintainer"},
    "a message key that is none": {"LOCKGATE_MESSAGE_KEY_FILE": __file__},
    "writes in a rush": {"LOCKGATE_GITHUB_WRITES_APART": "0", "LOCKGATE_GITHUB_URL": "https://github.com"},
    "a pace that is none": {"LOCKGATE_GITHUB_WRITES_APART": "nan"},
    "an App key that is not there": {"LOCKGATE_APP_PRIVATE_KEY_FILE": "/nowhere/app.pem"},
}


@pytest.mark.parametrize("changes", UNSAFE.values(), ids=UNSAFE.keys())
def test_what_is_unsafe_is_refused(monkeypatch: pytest.MonkeyPatch, changes: dict[str, str]) -> None:
    assert next(iter(changes)) in start(monkeypatch, **changes)


def test_a_refusal_never_quotes_a_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    said = start(monkeypatch, LOCKGATE_SECRET_KEY="hunter2", LOCKGATE_TOKEN_KEYS="hunter3")
    assert "hunter" not in said


def test_people_sign_in_at_github_com_and_at_an_enterprise_server() -> None:
    """allauth looks for the API of a host that it is told of below that host, which github.com has not."""
    assert sign_in_host("https://github.com") == {}
    assert sign_in_host("https://github.example.org") == {"GITHUB_URL": "https://github.example.org"}
