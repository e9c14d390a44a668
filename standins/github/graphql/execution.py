"""Runs one document against the schema: a field is a member of the object that answers, or an error."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from standins.github.git import GitError
from standins.github.graphql.errors import Refusal, unprocessable
from standins.github.graphql.price import price_of
from standins.github.graphql.purse import Purse
from standins.github.graphql.root import Root
from standins.github.graphql.scope import Asker
from standins.github.recording import record, record_crash

log = logging.getLogger(__name__)


def _read_schema() -> GraphQLSchema:
    files = sorted(Path(__file__).with_name("schema").glob("*.graphql"))
    return build_schema("\n".join(file.read_text() for file in files))


SCHEMA = _read_schema()


def run(
    asker: Asker, purse: Purse, query: str, variables: Mapping[str, Any], operation: str | None
) -> dict[str, Any]:
    """The body of the answer: `data`, `errors`, or both."""
    try:
        document, mistakes = _read(query)
        if mistakes:
            return {"errors": [_written(error) for error in mistakes]}
        paid = purse.pay(price_of(document, variables, operation))
    except GraphQLError as error:
        return {"errors": [_written(error)]}
    result = execute_sync(
        SCHEMA,
        document,
        root_value=Root(asker, paid),
        variable_values=dict(variables),
        operation_name=operation,
        field_resolver=_resolve,
        type_resolver=lambda value, *_: value.typename,
    )
    return _body(result)


@lru_cache(maxsize=256)
def _read(query: str) -> tuple[DocumentNode, list[GraphQLError]]:
    """The document and what is wrong with it. Clients send the same few again and again."""
    document = parse(query)
    mistakes = validate(SCHEMA, document)
    if not mistakes:
        record({"document": query})
    return document, mistakes


def _resolve(source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
    """A member of the object by the field's name, or a column of its row; methods take the arguments."""
    name = _snake(info.field_name)
    holder = source if hasattr(type(source), name) or name in vars(source) else getattr(source, "row", source)
    try:
        value = getattr(holder, name)
        return value(**{_snake(key): item for key, item in arguments.items()}) if callable(value) else value
    except GitError as error:
        raise unprocessable(str(error)) from error


def _body(result: ExecutionResult) -> dict[str, Any]:
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body["errors"] = [_written(error) for error in result.errors]
    return body


def _written(error: GraphQLError) -> dict[str, Any]:
    """GitHub puts the type of a refusal beside its message."""
    cause = error if isinstance(error, Refusal) else error.original_error
    formatted: dict[str, Any] = {**error.formatted}
    if isinstance(cause, Refusal):
        return {"type": cause.kind, **formatted}
    if cause is not None:
        log.error("a GraphQL field broke", exc_info=cause)
        record_crash(f"a GraphQL field, {'.'.join(map(str, error.path or ()))}", cause)
    return formatted


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda match: f"_{match[1].lower()}", name)
