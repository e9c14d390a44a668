"""What the node worker tells the sensor: `settings.json` and `token` in `LOCKGATE_SENSOR_DIR`.

Both are read again at each tick, because the worker renews them.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lockgate.errors import Unavailable
from lockgate.evidence import Expected


class SettingsUnreadable(Unavailable):
    """The sensor does not know what to watch. Nothing is launched until it does."""

    def __init__(self, what: str) -> None:
        super().__init__(what, next_step="The node worker writes it; look at the worker's health.")


@dataclass(frozen=True)
class SensorSettings:
    """The node's own word on a Code Repo; `since` is the commit from which requests count."""

    node: str
    github_url: str
    repository: str
    since: str
    default_branch: str
    portal_app_id: int
    node_accounts: Mapping[str, int]
    approved_before: frozenset[str]

    @property
    def expected(self) -> Expected:
        """What a merge must show before its request may run."""
        return Expected(self.repository, self.default_branch, self.portal_app_id, self.approved_before)


def sensor_directory() -> Path:
    """The directory that the worker writes for this code location; raises `SettingsUnreadable`."""
    directory = os.environ.get("LOCKGATE_SENSOR_DIR")
    if not directory:
        raise SettingsUnreadable("LOCKGATE_SENSOR_DIR is not set.")
    return Path(directory)


def read_settings(directory: Path) -> SensorSettings:
    """Read `settings.json`; raises `SettingsUnreadable` where it is missing or not whole."""
    try:
        return _settings(json.loads((directory / "settings.json").read_bytes()))
    except OSError as error:
        raise SettingsUnreadable("The sensor's settings.json is not there.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise SettingsUnreadable("The sensor's settings.json is not whole.") from error


def read_token(directory: Path) -> str:
    """Read the read-only token of this moment; raises `SettingsUnreadable`."""
    try:
        token = (directory / "token").read_text().strip()
    except OSError as error:
        raise SettingsUnreadable("The sensor's token is not there.") from error
    if not token:
        raise SettingsUnreadable("The sensor's token is empty.")
    return token


def _settings(value: Mapping[str, Any]) -> SensorSettings:
    return SensorSettings(
        node=str(value["node"]),
        github_url=str(value["github_url"]),
        repository=str(value["repository"]),
        since=str(value["since"]),
        default_branch=str(value["default_branch"]),
        portal_app_id=int(value["portal_app_id"]),
        node_accounts={str(node): int(account) for node, account in value["node_accounts"].items()},
        approved_before=frozenset(map(str, value["approved_before"])),
    )
