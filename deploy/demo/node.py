"""The node worker's process and its environment: it knows nothing of the portal's database."""

from __future__ import annotations

from collections.abc import Mapping

from deploy.demo import github, probes
from deploy.demo.keys import Keys
from deploy.demo.layout import BIN, HOST, NODE, NODE_REPO, Layout
from deploy.demo.processes import Program


def environment(layout: Layout, keys: Keys, base: Mapping[str, str]) -> dict[str, str]:
    words = keys.secrets
    database = f"{HOST}:{layout.ports.postgres}"
    return {
        **base,
        "LOCKGATE_NODE_NAME": NODE,
        "LOCKGATE_NODE_REPO": NODE_REPO,
        "LOCKGATE_NODE_DATABASE_URL": f"postgresql://node:{words.node_database}@{database}/node",
        "LOCKGATE_BROKER_URL": f"pgmq://broker:{words.broker_database}@{database}/broker",
        "LOCKGATE_GITHUB_URL": layout.github_url,
        "LOCKGATE_NODE_APP_ID": str(github.NODE_APP),
        "LOCKGATE_NODE_APP_PRIVATE_KEY_FILE": str(keys.node_app),
        "LOCKGATE_NODE_MESSAGE_KEY_FILE": str(keys.node_messages.file),
        "LOCKGATE_PORTAL_APP_ID": str(github.PORTAL_APP),
        "LOCKGATE_PORTAL_MESSAGE_KEY": keys.portal_messages.public,
        "LOCKGATE_NODE_DATA_DIR": str(layout.home / "node" / "data"),
        "LOCKGATE_SCRATCH_DIR": str(layout.scratch),
        "LOCKGATE_SENSOR_DIR": str(layout.sensor),
        "LOCKGATE_DAGSTER_URL": layout.dagster_url,
        "LOCKGATE_ALLOWED_ADDRESSES": HOST,
        **_store_keys("NORTH_INTERNAL", words.node_store_key, words.node_store_secret),
        **_store_keys("NORTH_PUBLICATION", words.node_store_key, words.node_store_secret),
    }


def program(layout: Layout, variables: Mapping[str, str]) -> Program:
    for folder in (layout.scratch, layout.sensor, layout.home / "node" / "data"):
        folder.mkdir(parents=True, exist_ok=True)
    ready = probes.says(layout.logs / "node-worker.log", " ready.")
    return Program("node-worker", [str(BIN / "lockgate"), "node"], variables, layout.home / "node", ready)


def _store_keys(prefix: str, key: str, secret: str) -> dict[str, str]:
    return {f"{prefix}_ACCESS_KEY_ID": key, f"{prefix}_SECRET_ACCESS_KEY": secret}
