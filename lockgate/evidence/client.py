"""GitHub's REST API over httpx: one request at a time, each failure in our own words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

import httpx

from lockgate.evidence.errors import (
    GitHubDenied,
    GitHubMissing,
    GitHubMoved,
    GitHubRefused,
    GitHubUnavailable,
    GitHubUnreadable,
)
from lockgate.github import api_headers, graphql_url, rest_url

Token = Callable[[], str]
"""Gives the token of this moment, so that a renewed one is used without a restart."""


class GitHubClient:
    """Sends requests with a token; `transport` is httpx's, for a GitHub without a socket."""

    def __init__(
        self,
        github_url: str,
        token: Token,
        *,
        timeout: float = 15,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._api = rest_url(github_url)
        self._graphql = graphql_url(github_url)
        self._token = token
        self._http = httpx.Client(timeout=timeout, transport=transport, headers=api_headers(github_url))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, **query: str | int) -> Any:
        """The JSON at `path` (below the API, with a leading slash)."""
        return _json(self._send("GET", self._api + path, query=query))

    def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """Puts a JSON body and returns the JSON answer."""
        return _json(self._send("PUT", self._api + path, body=body))

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Posts a JSON body and returns the JSON answer."""
        return _json(self._send("POST", self._api + path, body=body))

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """Patches with a JSON body and returns the JSON answer."""
        return _json(self._send("PATCH", self._api + path, body=body))

    def query(self, query: str, **variables: str | int) -> dict[str, Any]:
        """The `data` of a GraphQL query."""
        body = {"query": query, "variables": variables}
        answer = _json(self._send("POST", self._graphql, body=body))
        match answer:
            case {"errors": [_, *_]}:
                raise GitHubUnavailable("GitHub could not answer a question.")
            case {"data": dict(data)}:
                return data
        raise GitHubUnreadable("GitHub did not answer a question with data.")

    def pages(self, path: str, *, key: str | None = None, **query: str | int) -> Iterator[Any]:
        """Every item of a list, over all pages; `key` names the list where the answer is an object."""
        url: str | None = self._api + path
        query = {"per_page": 100, **query}
        while url:
            response = self._send("GET", url, query=query)
            page = _json(response)
            items = page.get(key) if key and isinstance(page, dict) else page
            if not isinstance(items, list):
                raise GitHubUnreadable(f"GitHub did not answer {path} with a list.")
            yield from items
            url, query = self._next(response), {}

    def _next(self, response: httpx.Response) -> str | None:
        """The next page, which the token is sent to only if it is the same API."""
        url = response.links.get("next", {}).get("url")
        if url is not None and not url.startswith(f"{self._api}/"):
            raise GitHubUnreadable("GitHub names a next page that lies elsewhere.")
        return url

    def _send(
        self,
        method: str,
        url: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token()}"}
        try:
            response = self._http.request(method, url, params=query or None, json=body, headers=headers)
        except httpx.HTTPError as error:
            raise GitHubUnavailable("GitHub did not answer.") from error
        _raise_for(response)
        return response


def _raise_for(response: httpx.Response) -> None:
    status, path = response.status_code, response.request.url.path
    if status < 300:
        return
    if status == 429 or status >= 500 or _asks_to_wait(response):
        raise GitHubUnavailable("GitHub could not answer now.")
    if status in (401, 403):
        raise GitHubDenied(f"GitHub does not let this token do {response.request.method} {path}.")
    if status == 404:
        raise GitHubMissing(
            f"GitHub shows nothing at {path}.", next_step="Check the name and the token's access."
        )
    if status < 400:
        raise GitHubMoved(path)
    raise GitHubRefused(f"GitHub refused {response.request.method} {path}: {_message(response)}")


def _asks_to_wait(response: httpx.Response) -> bool:
    """A rate limit comes as 403 too; then GitHub says so in a header."""
    headers = response.headers
    return response.status_code == 403 and (
        "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
    )


def _message(response: httpx.Response) -> str:
    try:
        return str(response.json()["message"])[:200]
    except (ValueError, KeyError, TypeError):
        return f"status {response.status_code}"


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError as error:
        raise GitHubUnreadable(f"GitHub's answer for {response.request.url.path} is not JSON.") from error
