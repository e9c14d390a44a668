"""What Lockgate asks in GraphQL, and what the local GitHub answers to, is GitHub's schema."""

from __future__ import annotations

from functools import cache
from types import ModuleType

import pytest
from graphql import (
    GraphQLSchema,
    build_schema,
    find_breaking_changes,
    parse,
    print_schema,
    validate,
)

from governance.github import queries
from lockgate.evidence import reader
from standins.github.graphql.execution import SCHEMA
from tests.conformance.prepare import PACKAGES


@cache
def github() -> GraphQLSchema:
    return build_schema((PACKAGES / "graphql-schema" / "schema.graphql").read_text(), assume_valid=True)


def asked_by(module: ModuleType) -> dict[str, str]:
    named = {name: text for name, text in vars(module).items() if isinstance(text, str)}
    kinds = ("query", "mutation")
    return {
        f"{module.__name__}.{name}": text
        for name, text in named.items()
        if text.strip().startswith(kinds) and "{" in text
    }


ASKED = {**asked_by(queries), **asked_by(reader)}


@pytest.mark.parametrize("query", ASKED.values(), ids=ASKED.keys())
def test_each_query_of_lockgate_is_one_that_github_understands(query: str) -> None:
    assert not validate(github(), parse(query))


def test_every_module_that_asks_is_among_them() -> None:
    assert len(asked_by(queries)) >= 5
    assert len(asked_by(reader)) == 1


def test_whatever_the_local_github_understands_github_understands_in_the_same_way() -> None:
    """From its schema to GitHub's nothing is lost and nothing changes its type: it is a part of it."""
    assert not find_breaking_changes(SCHEMA, github())


def test_a_field_that_github_does_not_have_would_be_seen() -> None:
    invented = build_schema(print_schema(SCHEMA).replace("mergedAt:", "mergedOn:"))
    (change,) = find_breaking_changes(invented, github())
    assert "PullRequest.mergedOn" in change.description
