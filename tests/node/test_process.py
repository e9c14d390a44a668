"""The worker as its own process: it takes messages, ends when asked, and goes on after `kill -9`."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery

from lockgate.messages import Acknowledged, HealthReported, Look
from lockgate.node.process import PGMQ
from tests.node.github import github
from tests.node.world import PROJECT, NodeWorld
from tests.services.ports import wait_until
from tests.services.postgres import Postgres, broker_url, install_queue
from tests.services.s3 import S3


@pytest.fixture
def node_with_broker(
    tmp_path: Path, database_url: str, node_postgres: Postgres, node_s3: S3
) -> Iterator[NodeWorld]:
    broker = node_postgres.create_database("node_broker")
    install_queue(broker)
    with github(tmp_path / "github") as served:
        world = NodeWorld(tmp_path, served, node_s3, database_url, broker_url(broker))
        yield world
        world.close()
    node_postgres.drop_database("node_broker")


def test_the_worker_answers_survives_a_kill_and_ends_when_asked(node_with_broker: NodeWorld) -> None:
    node = node_with_broker
    portal = Celery("portal", broker=node.broker_url)
    portal.conf.broker_transport_options = PGMQ
    with portal.connection() as connection:
        queue = connection.SimpleQueue("portal", no_ack=True)
        process = _started(node)
        portal.send_task("lockgate.receive", args=[node.portal.wire(Look(PROJECT, None))], queue="node.north")
        _wait_for(node, queue, Acknowledged)
        _wait_for(node, queue, HealthReported)
        process.kill()
        process.wait(20)
        again = _started(node)
        portal.send_task("lockgate.receive", args=[node.portal.wire(Look(PROJECT, None))], queue="node.north")
        wait_until(lambda: _received(node) == 2, what="the second message", seconds=90)
        again.send_signal(signal.SIGTERM)
        assert again.wait(60) == 0
        queue.close()
    portal.close()
    assert "Traceback" not in (node.folder / "worker.log").read_text()
    assert (node.settings.sensor_dir / PROJECT / "settings.json").exists()


def test_an_unsafe_environment_is_refused_at_start_with_every_reason(node: NodeWorld) -> None:
    environment = node.environment()
    environment["LOCKGATE_GITHUB_URL"] = "http://github.example.org"
    del environment["LOCKGATE_NODE_DATABASE_URL"]
    Path(environment["LOCKGATE_NODE_MESSAGE_KEY_FILE"]).chmod(0o644)
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lockgate")), "node"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    for name in ("LOCKGATE_GITHUB_URL", "LOCKGATE_NODE_DATABASE_URL", "LOCKGATE_NODE_MESSAGE_KEY_FILE"):
        assert name in done.stderr


def _started(node: NodeWorld) -> subprocess.Popen[bytes]:
    with (node.folder / "worker.log").open("ab") as log:
        return subprocess.Popen(
            [str(Path(sys.executable).with_name("lockgate")), "node"],
            env=node.environment(),
            stdout=log,
            stderr=log,
            cwd=node.folder,
        )


def _wait_for(node: NodeWorld, queue: Any, kind: type) -> None:
    """Take messages from the portal's queue until one of this kind has come."""

    def came() -> bool:
        try:
            message = queue.get(timeout=1)
        except queue.Empty:
            return False
        node.portal.wires.append(message.payload[0][0])
        return bool(node.portal.said(kind))

    if not node.portal.said(kind):
        wait_until(came, what=f"a message {kind.__name__}", seconds=90)


def _received(node: NodeWorld) -> int:
    with node.database.transaction() as connection:
        row = connection.execute("SELECT count(*) FROM inbound_message").fetchone()
    assert row is not None
    return int(row[0])
