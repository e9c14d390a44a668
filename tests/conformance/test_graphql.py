"""What the local GitHub understands of GraphQL is a part of GitHub's schema.

What is asked in any test, by Lockgate or by the tests, the plugin holds against GitHub's schema too.
"""

from __future__ import annotations

from graphql import build_schema, find_breaking_changes, print_schema

from standins.github.graphql.execution import SCHEMA
from tests.conformance.descriptions import graphql


def test_whatever_the_local_github_understands_github_understands_in_the_same_way() -> None:
    """From its schema to GitHub's nothing is lost and nothing changes its type: it is a part of it."""
    assert not find_breaking_changes(SCHEMA, graphql())


def test_a_field_that_github_does_not_have_would_be_seen() -> None:
    invented = build_schema(print_schema(SCHEMA).replace("mergedAt:", "mergedOn:"))
    (change,) = find_breaking_changes(invented, graphql())
    assert "PullRequest.mergedOn" in change.description
