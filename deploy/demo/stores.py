"""Two S3 servers: the node's, and a read-only window for the portal on publications alone."""

from __future__ import annotations

from pathlib import Path

from deploy.demo import probes
from deploy.demo.keys import Secrets
from deploy.demo.layout import BIN, HOST, Layout
from deploy.demo.processes import Program

BUCKETS = ("internal", "publication")


def prepare(layout: Layout) -> None:
    """The node's buckets, and a folder that holds only a link to the published one."""
    for bucket in BUCKETS:
        (layout.node_store / bucket).mkdir(parents=True, exist_ok=True)
    window = _window(layout)
    window.mkdir(parents=True, exist_ok=True)
    link = window / "publication"
    if not link.is_symlink():
        link.symlink_to(layout.node_store / "publication", target_is_directory=True)


def programs(layout: Layout, secrets: Secrets, environment: dict[str, str]) -> list[Program]:
    node = _server(
        "s3-node",
        layout.ports.node_store,
        (secrets.node_store_key, secrets.node_store_secret),
        layout.node_store,
        environment,
    )
    portal = _server(
        "s3-portal",
        layout.ports.portal_store,
        (secrets.portal_store_key, secrets.portal_store_secret),
        _window(layout),
        environment,
        "--read-only",
        "--copy-links",
        "--dir-cache-time",
        "1s",
    )
    return [node, portal]


def _window(layout: Layout) -> Path:
    return layout.home / "portal-store"


def _server(
    name: str, port: int, key: tuple[str, str], folder: Path, environment: dict[str, str], *options: str
) -> Program:
    command = [str(BIN / "rclone"), "serve", "s3", "--addr", f"{HOST}:{port}", *options, str(folder)]
    return Program(
        name,
        command,
        # The key stands in the environment, not in the list of processes.
        {**environment, "RCLONE_AUTH_KEY": f'"{key[0]},{key[1]}"', "RCLONE_CONFIG": ""},
        folder,
        probes.listens(port),
    )
