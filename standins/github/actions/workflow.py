"""Workflow files as values. What the runner does not know is refused by name, never passed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

DEFAULT_TYPES = ("opened", "synchronize", "reopened")


class NotUnderstood(Exception):
    """A workflow asks for something that this runner does not know: its checks must fail."""


@dataclass(frozen=True)
class Trigger:
    """When one event starts a workflow. Empty `branches` means every branch."""

    event: str
    branches: tuple[str, ...] = ()
    branches_ignore: tuple[str, ...] = ()
    types: tuple[str, ...] = DEFAULT_TYPES


@dataclass(frozen=True)
class Step:
    """One step: either `run` or `uses` is set."""

    number: int
    name: str
    id: str = ""
    condition: str = "success()"
    run: str | None = None
    uses: str | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    working_directory: str = ""
    timeout_minutes: float | None = None


@dataclass(frozen=True)
class Job:
    """One job. `permissions` is complete: a permission that is not named there is not given."""

    id: str
    name: str
    steps: tuple[Step, ...]
    needs: tuple[str, ...] = ()
    condition: str = "success()"
    env: Mapping[str, str] = field(default_factory=dict)
    permissions: Mapping[str, str] = field(default_factory=dict)
    timeout_minutes: float = 10


@dataclass(frozen=True)
class Workflow:
    """One workflow file, wholly understood. Jobs stand in an order in which `needs` comes first."""

    path: str
    name: str
    triggers: Mapping[str, Trigger]
    jobs: tuple[Job, ...]
