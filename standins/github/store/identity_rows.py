"""Rows of who is suspended, of old names, and of what receivers of webhooks answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from standins.github.store.rows import Row


@dataclass(frozen=True)
class AccountSuspension(Row):
    """While it is there the person can do nothing; all that they were stays."""

    account_id: int
    created_at: str = ""
    UNIQUE: ClassVar = ("account_id",)


@dataclass(frozen=True)
class InstallationSuspension(Row):
    """While it is there the App can do nothing in this installation."""

    installation_id: int
    suspended_by: int
    created_at: str = ""
    UNIQUE: ClassVar = ("installation_id",)


@dataclass(frozen=True)
class FormerName(Row):
    """`login/name` was a repository's address once, and leads to it until another takes that address."""

    login: str
    name: str
    repository_id: int
    UNIQUE: ClassVar = ("login", "name")


@dataclass(frozen=True)
class DeliveryAnswer(Row):
    """What became of a delivery: `status` in words; headers and payload are None where nobody answered."""

    delivery_id: int
    status: str
    duration_ms: int
    request_headers: dict[str, str]
    response_headers: dict[str, str] | None = None
    response_payload: str | None = None
    UNIQUE: ClassVar = ("delivery_id",)
