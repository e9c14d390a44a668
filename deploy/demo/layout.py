"""Where everything of the demo lies: ports, addresses, folders and names."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / ".venv" / "bin"
HOST = "127.0.0.1"

ORGANIZATION = "north-health"
CODE_REPO = f"{ORGANIZATION}/heart-study"
NODE_REPO = f"{ORGANIZATION}/north-node"
PROJECT = "heart_study"
NODE = "north"

ACCOUNTS = {
    "researcher": 1001,
    "researcher-2": 1002,
    "controller": 1003,
    "controller-2": 1004,
    "maintainer": 1005,
    "outsider": 1006,
}


@dataclass(frozen=True)
class Ports:
    """One block of ports, so that one number moves the whole demo."""

    first: int

    @classmethod
    def from_environment(cls) -> Ports:
        return cls(int(os.environ.get("LOCKGATE_PORT", "8400")))

    @property
    def portal(self) -> int:
        return self.first

    @property
    def github(self) -> int:
        return self.first + 1

    @property
    def dagster(self) -> int:
        return self.first + 2

    @property
    def code_server(self) -> int:
        return self.first + 3

    @property
    def node_store(self) -> int:
        return self.first + 4

    @property
    def portal_store(self) -> int:
        return self.first + 5

    @property
    def postgres(self) -> int:
        return self.first + 6


@dataclass(frozen=True)
class Layout:
    """Folders and addresses of one demo."""

    home: Path
    ports: Ports

    @classmethod
    def from_environment(cls) -> Layout:
        """`LOCKGATE_DEMO_DIR` moves the demo's folder, `LOCKGATE_PORT` its ports."""
        home = Path(os.environ.get("LOCKGATE_DEMO_DIR", ROOT / "var" / "demo"))
        return cls(home.resolve(), Ports.from_environment())

    @property
    def portal_url(self) -> str:
        return f"http://{HOST}:{self.ports.portal}"

    @property
    def github_url(self) -> str:
        return f"http://{HOST}:{self.ports.github}"

    @property
    def dagster_url(self) -> str:
        return f"http://{HOST}:{self.ports.dagster}"

    @property
    def node_store_url(self) -> str:
        return f"http://{HOST}:{self.ports.node_store}"

    @property
    def portal_store_url(self) -> str:
        return f"http://{HOST}:{self.ports.portal_store}"

    @property
    def keys(self) -> Path:
        return self.home / "keys"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def github_data(self) -> Path:
        return self.home / "github"

    @property
    def checkouts(self) -> Path:
        return self.home / "checkouts"

    @property
    def node_store(self) -> Path:
        return self.home / "node" / "store"

    @property
    def scratch(self) -> Path:
        return self.home / "node" / "scratch"

    @property
    def sensor(self) -> Path:
        return self.home / "node" / "sensor"

    @property
    def dagster_home(self) -> Path:
        return self.home / "node" / "dagster"

    @property
    def code_location(self) -> Path:
        return self.home / "node" / "code-location"

    @property
    def portal_data(self) -> Path:
        return self.home / "portal"

    @property
    def posture_shown(self) -> Path:
        return self.home / "posture-shown"

    @property
    def endpoints(self) -> Path:
        return self.home / "endpoints.json"

    @property
    def wheelhouse(self) -> Path:
        """The demo's own: its repositories pin the Lockgate that was there when they were made."""
        return self.home / "wheelhouse"

    @property
    def environments(self) -> Path:
        return self.home / "actions-environments"
