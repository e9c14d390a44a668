"""`governance.yaml`: who may ask and decide in a Code Repo, and what may leave the nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lockgate.formats.kinds import Kind
from lockgate.formats.schema import read_shape


@dataclass(frozen=True)
class NodePolicy:
    """The teams that decide for one node, as organisation/team."""

    controllers: tuple[str, ...]


@dataclass(frozen=True)
class Approvals:
    """How many controllers must approve, for each node or once, and whether they see each other's votes."""

    quorum: int
    per_node: bool = False
    blinded: bool = False


@dataclass(frozen=True)
class DisclosureLimits:
    """What an output may hold; `max_bytes` is for one output."""

    min_count: int
    round_to: int
    max_rows: int
    max_bytes: int
    media_types: tuple[str, ...]


@dataclass(frozen=True)
class Service:
    """What controllers promise."""

    decide_within_days: int


@dataclass(frozen=True)
class Governance:
    """The policy of a Code Repo; teams as organisation/team."""

    version: int
    researchers: tuple[str, ...]
    controllers: tuple[str, ...]
    nodes: Mapping[str, NodePolicy]
    approvals: Mapping[Kind, Approvals]
    disclosure: DisclosureLimits
    service: Service


@lru_cache(maxsize=32)
def read_governance(data: bytes, source: str = "governance.yaml") -> Governance:
    """Read the policy; raises FormatError with every problem found. Kept, for each decision reads it anew."""
    value, _ = read_shape("governance", data, source)
    limits = value["disclosure"]
    return Governance(
        version=value["version"],
        researchers=tuple(value["researchers"]),
        controllers=tuple(value["controllers"]),
        nodes={name: NodePolicy(tuple(node["controllers"])) for name, node in value["nodes"].items()},
        approvals=read_approvals(value["approvals"]),
        disclosure=DisclosureLimits(**{**limits, "media_types": tuple(limits["media_types"])}),
        service=Service(**value["service"]),
    )


def read_approvals(value: Mapping[str, Mapping[str, Any]]) -> Mapping[Kind, Approvals]:
    """Return approvals by kind from their checked mapping."""
    return {Kind(kind): Approvals(**approvals) for kind, approvals in value.items()}
