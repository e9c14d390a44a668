"""What Lockgate holds ready to ask, and what the local GitHub understands, is GitHub's schema.

What is really asked in any test, from wherever and however put together, the plugin holds against it too.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

from graphql import build_schema, find_breaking_changes, parse, print_schema, validate

from governance.github import queries
from lockgate.evidence import reader
from standins.github.graphql.execution import SCHEMA
from tests.conformance.descriptions import graphql


def documents(module: ModuleType) -> Iterator[str]:
    texts = [text for text in vars(module).values() if isinstance(text, str)]
    yield from (text for text in texts if text.lstrip().startswith(("query", "mutation")) and "{" in text)


def test_each_query_of_lockgate_is_one_that_github_understands() -> None:
    ready = [*documents(queries), *documents(reader), queries.overviews(2), queries.teams(2)]
    assert len(ready) > 12
    assert not {text: wrong for text in ready if (wrong := validate(graphql(), parse(text)))}


def test_whatever_the_local_github_understands_github_understands_in_the_same_way() -> None:
    """From its schema to GitHub's nothing is lost and nothing changes its type: it is a part of it."""
    assert not find_breaking_changes(SCHEMA, graphql())


def test_a_field_that_github_does_not_have_would_be_seen() -> None:
    invented = build_schema(print_schema(SCHEMA).replace("mergedAt:", "mergedOn:"))
    (change,) = find_breaking_changes(invented, graphql())
    assert "PullRequest.mergedOn" in change.description
