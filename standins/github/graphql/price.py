"""What a query costs, by GitHub's published rule: calls for its connections, each as full as it may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    value_from_ast_untyped,
)

from standins.github.graphql.errors import Refusal

MOST_NODES = 500_000
CALLS_A_POINT = 100


@dataclass(frozen=True)
class Price:
    points: int = 1
    nodes: int = 0
    writes: bool = False


@dataclass
class _Count:
    variables: Mapping[str, Any]
    fragments: Mapping[str, FragmentDefinitionNode]
    calls: int = 0
    nodes: int = 0

    def walk(self, selected: SelectionSetNode | None, parents: int) -> None:
        for node in selected.selections if selected else ():
            match node:
                case FieldNode():
                    self._field(node, parents)
                case InlineFragmentNode():
                    self.walk(node.selection_set, parents)
                case FragmentSpreadNode():
                    self.walk(self.fragments[node.name.value].selection_set, parents)

    def _field(self, node: FieldNode, parents: int) -> None:
        given = {
            argument.name.value: value_from_ast_untyped(argument.value, dict(self.variables))
            for argument in node.arguments
        }
        size, named = given.get("first") or given.get("last"), given.get("ids")
        if isinstance(size, int):
            self.calls += parents
            self._nodes(node.name.value, parents * size)
            self.walk(node.selection_set, parents * size)
        elif isinstance(named, list):
            self._nodes(node.name.value, len(named))
            self.walk(node.selection_set, parents * len(named))
        else:
            self.walk(node.selection_set, parents)

    def _nodes(self, connection: str, more: int) -> None:
        self.nodes += more
        if self.nodes > MOST_NODES:
            raise Refusal(
                "MAX_NODE_LIMIT_EXCEEDED",
                f"By the time this query traverses to the {connection} connection, it is requesting "
                f"up to {self.nodes:,} possible nodes which exceeds the maximum limit of {MOST_NODES:,}.",
            )


def price_of(document: DocumentNode, variables: Mapping[str, Any], operation: str | None) -> Price:
    """Of the operation that is run. Raises a refusal where it asks for too many nodes."""
    definitions = document.definitions
    fragments = {one.name.value: one for one in definitions if isinstance(one, FragmentDefinitionNode)}
    count, writes = _Count(variables, fragments), False
    for one in definitions:
        if isinstance(one, OperationDefinitionNode) and operation in (None, one.name and one.name.value):
            count.walk(one.selection_set, 1)
            writes = writes or one.operation is OperationType.MUTATION
    return Price(max(1, int(count.calls / CALLS_A_POINT + 0.5)), count.nodes, writes)
