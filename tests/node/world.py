"""A node with all that it stands on: GitHub, S3, PostgreSQL, a portal's key pair, and runs."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import yaml
from nacl.signing import SigningKey

from lockgate.formats import JobRequest, write_job_request
from lockgate.messages import Body, Envelope, read_body, seal, unseal, write_verify_key
from lockgate.node.assembly import assemble
from lockgate.node.database import Database, migrate
from lockgate.node.exchange import Inbox
from lockgate.node.process import BrokerUnavailable
from lockgate.node.settings import read_settings
from lockgate.node.worker import Worker
from tests.gate.repository import Repository
from tests.gate.study import REQUEST, base_files
from tests.node.github import CODE_REPO, NODE_ACCOUNT, NODE_APP, NODE_REPO, PORTAL_APP, GitHub
from tests.node.runs import LOCATION, Runs
from tests.services.s3 import S3

PROJECT = "heart_study"
TABLE = b"age,count\nunder 40,25\nover 40,30\n"
B = TypeVar("B", bound=Body)


@dataclass
class Portal:
    """The other end of the broker: it keeps what reaches it, and signs what it says."""

    key: SigningKey
    node_key: SigningKey
    down: bool = False
    wires: list[str] = field(default_factory=list)
    number: int = 0

    def send(self, queue: str, wire: str) -> None:
        if self.down:
            raise BrokerUnavailable("The broker did not take a message.")
        assert queue == "portal"
        self.wires.append(wire)

    def heard(self) -> list[Envelope]:
        return [unseal(wire, self.node_key.verify_key, recipient="portal") for wire in self.wires]

    def said(self, kind: type[B]) -> list[B]:
        """Every body of one kind that the node has sent, in order."""
        bodies = [read_body(each.kind, each.body, from_portal=False) for each in self.heard()]
        return [body for body in bodies if isinstance(body, kind)]

    def wire(self, body: Body, *, recipient: str = "node.north", key: SigningKey | None = None) -> str:
        self.number += 1
        envelope = Envelope("portal", recipient, self.number, body.kind, body.to_body(), datetime.now(UTC))
        return seal(envelope, key or self.key)


@dataclass
class NodeWorld:
    """One node, its worker assembled from its settings, and its people's acts."""

    folder: Path
    github: GitHub
    s3: S3
    database_url: str
    broker_url: str = "pgmq://nobody@127.0.0.1/nothing"
    node_key: SigningKey = field(default_factory=SigningKey.generate)
    portal_key: SigningKey = field(default_factory=SigningKey.generate)

    def __post_init__(self) -> None:
        self.portal = Portal(self.portal_key, self.node_key)
        self.runs = Runs(self.folder / "scratch")
        self.code = Repository.create(self.folder / "code.git")
        self.since = self.code.commit(_study(), parents=(), branch="main")
        self.github.push(self.code, "main:main")
        self.node_repo = Repository.create(self.folder / "node.git")
        self.describe()
        self.settings = read_settings(self.environment())
        self.database = Database(self.database_url)
        self.database.open()
        migrate(self.database)
        self.worker, self.inbox = self.assemble()

    def close(self) -> None:
        self.worker.close()
        self.database.close()

    def assemble(self) -> tuple[Worker, Inbox]:
        """The worker as after a start of its process."""
        return assemble(self.settings, self.database, self.portal, source=self.runs)

    def restart(self) -> None:
        """A `kill -9` leaves the database and the disk; time passes until leases and pauses end."""
        self.worker.close()
        self.worker, self.inbox = self.assemble()
        with self.database.transaction() as connection:
            for table in ("collection", "release", "preview"):
                connection.execute(f"UPDATE {table} SET lease_until = NULL, due_at = now()".encode())
            connection.execute("UPDATE outbound_message SET due_at = now()")

    def environment(self) -> dict[str, str]:
        seed = self.folder / "message.key"
        seed.write_text(base64.b64encode(bytes(self.node_key)).decode())
        seed.chmod(0o600)
        return {
            "LOCKGATE_NODE_NAME": "north",
            "LOCKGATE_NODE_REPO": NODE_REPO,
            "LOCKGATE_NODE_DATABASE_URL": self.database_url,
            "LOCKGATE_BROKER_URL": self.broker_url,
            "LOCKGATE_GITHUB_URL": self.github.url,
            "LOCKGATE_NODE_APP_ID": str(NODE_APP),
            "LOCKGATE_NODE_APP_PRIVATE_KEY_FILE": str(self.github.folder / "app.pem"),
            "LOCKGATE_NODE_MESSAGE_KEY_FILE": str(seed),
            "LOCKGATE_PORTAL_APP_ID": str(PORTAL_APP),
            "LOCKGATE_PORTAL_MESSAGE_KEY": write_verify_key(self.portal_key),
            "LOCKGATE_NODE_DATA_DIR": str(self.folder / "data"),
            "LOCKGATE_SCRATCH_DIR": str(self.folder / "scratch"),
            "LOCKGATE_SENSOR_DIR": str(self.folder / "sensor"),
            "LOCKGATE_DAGSTER_URL": "http://127.0.0.1:9",
            "LOCKGATE_ALLOWED_ADDRESSES": "127.0.0.1",
            **self.s3.environment("NORTH_INTERNAL"),
            **self.s3.environment("NORTH_PUBLICATION"),
            "PATH": os.environ["PATH"],
        }

    def describe(self, project: Mapping[str, Any] | None = None, **node: Any) -> None:
        """What stands in the Node Repo, with these things otherwise."""
        described = {**self._node(), **node}
        registered = {**self._project(), **(project or {})}
        files = {
            "node.yaml": yaml.safe_dump(described).encode(),
            f"projects/{PROJECT}.yaml": yaml.safe_dump(registered).encode(),
        }
        known = (self.node_repo.path / "refs/heads/main").exists()
        self.node_repo.commit(files, parents=None if known else (), branch="main")
        self.github.push(self.node_repo, "main:main", NODE_REPO)

    def request(self, request: JobRequest = REQUEST, *, approved: bool = True) -> str:
        """A request merged by a controller, approved by the portal or not; its merge commit."""
        self.github.fetch(self.code)
        files = {f"jobs/{request.id}.yaml": write_job_request(request)}
        number = self.github.propose(self.code, f"request/{request.id}", files)
        if approved:
            self.github.approve(number)
        return self.github.merge(number)

    def turn(self, times: int = 1) -> None:
        """Let the worker look at everything and do what is due."""
        for _ in range(times):
            self.worker.wake()
            self.worker.turn()

    def collected(self, files: Mapping[str, Any] | None = None, request: JobRequest = REQUEST) -> int:
        """A request carried as far as its result pull request; its number."""
        run = self.runs.add(request, self.request(request))
        self.runs.write(run, files or {"counts.csv": TABLE})
        self.turn(2)
        (pull,) = self.github.open_pulls()
        return int(pull["number"])

    def internal(self) -> Path:
        """Internal storage as it lies on the disk of the S3 server."""
        return self.s3.root / "internal"

    def published(self) -> dict[str, bytes]:
        """What lies in publication storage, by key."""
        root = self.s3.root / "publication"
        return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}

    def _node(self) -> dict[str, Any]:
        storage = {"endpoint": self.s3.endpoint}
        return {
            "version": 1,
            "name": "north",
            "app": {"id": NODE_APP, "slug": "lockgate-north", "account": NODE_ACCOUNT},
            "message_key": write_verify_key(self.node_key),
            "portal": {"app_id": PORTAL_APP, "message_key": write_verify_key(self.portal_key)},
            "controllers": ["north-health/north-controllers"],
            "maintainers": ["north-health/maintainers"],
            "addresses": {},
            "storage": {
                "internal": {**storage, "bucket": "internal", "keys": "NORTH_INTERNAL"},
                "publication": {**storage, "bucket": "publication", "keys": "NORTH_PUBLICATION"},
            },
        }

    def _project(self) -> dict[str, Any]:
        return {
            "version": 1,
            "name": PROJECT,
            "code_repo": CODE_REPO,
            "since": self.since,
            "code_location": LOCATION,
            "publication": "publication",
        }


def _study() -> dict[str, bytes]:
    """The study with every media type allowed that a node can check."""
    files = base_files()
    kinds = b"media_types: [text/csv, image/png"
    files["governance.yaml"] = files["governance.yaml"].replace(kinds, kinds + b", text/plain")
    return files
