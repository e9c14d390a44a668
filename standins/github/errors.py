"""Refusals, in GitHub's words and status codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class ApiError(Exception):
    """Answered as JSON with this status; `errors` lists fields as GitHub does."""

    def __init__(
        self,
        status: int,
        message: str,
        errors: Sequence[dict[str, Any] | str] = (),
        *,
        documentation: str = "https://docs.github.com/rest",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = list(errors)
        self.documentation = documentation
        self.headers = dict(headers or {})


class Moved(Exception):
    """What was asked for has another address now: the one by number, `url`."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


def not_found() -> ApiError:
    return ApiError(404, "Not Found")


def forbidden(message: str = "Resource not accessible by integration") -> ApiError:
    return ApiError(403, message)


def invalid(message: str = "Validation Failed", *errors: dict[str, Any] | str) -> ApiError:
    return ApiError(422, message, errors)
