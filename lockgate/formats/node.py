"""`node.yaml` of a Node Repo: a node, its identities, its people and its storage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lockgate.formats.schema import read_shape


@dataclass(frozen=True)
class NodeApp:
    """The node's own GitHub App; `account` is the id of its bot, with which authors are compared."""

    id: int
    slug: str
    account: int


@dataclass(frozen=True)
class PortalIdentity:
    """The portal as this node knows it; `message_key` is base64 of its Ed25519 public key."""

    app_id: int
    message_key: str


@dataclass(frozen=True)
class Storage:
    """A bucket; `keys` is the prefix of the environment variables that hold its access key and secret.

    `read_endpoint` is where the portal reads a publication store, where that is another address.
    """

    endpoint: str
    read_endpoint: str | None
    bucket: str
    keys: str


@dataclass(frozen=True)
class Node:
    """A node; teams as organisation/team, `message_key` base64 of its Ed25519 public key."""

    name: str
    app: NodeApp
    message_key: str
    portal: PortalIdentity
    controllers: tuple[str, ...]
    maintainers: tuple[str, ...]
    addresses: Mapping[str, str]
    storage: Mapping[str, Storage]


def read_node(data: bytes, source: str = "node.yaml") -> Node:
    """Read a node; raises FormatError with every problem found."""
    value, _ = read_shape("node", data, source)
    return Node(
        name=value["name"],
        app=NodeApp(**value["app"]),
        message_key=value["message_key"],
        portal=PortalIdentity(**value["portal"]),
        controllers=tuple(value["controllers"]),
        maintainers=tuple(value["maintainers"]),
        addresses=value["addresses"],
        storage={
            name: Storage(**{"read_endpoint": None, **storage}) for name, storage in value["storage"].items()
        },
    )
