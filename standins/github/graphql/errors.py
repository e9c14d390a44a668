"""Refusals as GitHub's GraphQL words them; the type stands beside the message."""

from __future__ import annotations

from graphql import GraphQLError


class Refusal(GraphQLError):
    """An error with GitHub's `type`, such as NOT_FOUND, FORBIDDEN, STALE_DATA, UNPROCESSABLE."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def not_found(message: str) -> Refusal:
    return Refusal("NOT_FOUND", message)


def forbidden(message: str = "Resource not accessible by integration") -> Refusal:
    return Refusal("FORBIDDEN", message)


def unprocessable(message: str) -> Refusal:
    return Refusal("UNPROCESSABLE", message)
