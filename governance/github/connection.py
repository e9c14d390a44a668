"""One HTTP connection to GitHub for each thread, by githubkit; answers as JSON, failures as our errors.

Retries are off: what could be a write is repeated only after a look at what really happened.
The HTTP cache is off: githubkit's is shared by all tokens.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
from githubkit import GitHub
from githubkit.exception import GraphQLFailed, RequestError, RequestFailed

from governance.github.errors import (
    GitHubConflict,
    GitHubDenied,
    GitHubInvalid,
    GitHubNotFound,
    GitHubOverasked,
    GitHubUnavailable,
    OutcomeUnknown,
    RateLimited,
    SignInAgain,
)
from governance.github.limits import free_again, is_away, is_limit
from lockgate.github import LOOPBACK, USER_AGENT, api_headers, graphql_url, rest_url

TIMEOUT_SECONDS = 15.0
LIMITED = frozenset({"RATE_LIMIT", "RATE_LIMITED"})  # GitHub says either in GraphQL
TOO_MUCH = (502, 504)  # what GitHub answers where a question took it too long
TOO_LARGE = frozenset({"MAX_NODE_LIMIT_EXCEEDED", "RESOURCE_LIMITS_EXCEEDED"})
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class _Held:
    """A client with its connections open, closed when the thread that it belongs to ends."""

    def __init__(self, github_url: str) -> None:
        self.client: GitHub[Any] = GitHub(
            base_url=f"{rest_url(github_url)}/",
            http_cache=False,
            auto_retry=False,
            timeout=TIMEOUT_SECONDS,
            trust_env=urlsplit(github_url).hostname not in LOOPBACK,
            user_agent=USER_AGENT,
        )
        self.client.__enter__()
        with self.client.get_sync_client() as http:
            self._http = http

    def __del__(self) -> None:
        self._http.close()


class Connection:
    def __init__(self, github_url: str) -> None:
        self.github_url = github_url
        self.when_limited: Callable[[str, datetime], None] | None = None  # told the token, and until when
        self._local = threading.local()

    def _client(self) -> GitHub[Any]:
        """This thread's client: githubkit keeps its open connection in a context variable."""
        held = getattr(self._local, "held", None)
        if held is None:
            held = self._local.held = _Held(self.github_url)
        return held.client

    def call(
        self,
        method: str,
        path: str,
        *,
        token: str,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
    ) -> Any:
        """One REST call below the API's root; the JSON answer, None where it is empty."""
        response = self._send(method, path, token=token, body=body, params=params)
        return read_answer(response, writes=method != "GET") if response.content else None

    def pages(self, path: str, *, token: str, params: Mapping[str, Any] | None = None) -> Iterator[Any]:
        """All items of a list, following `Link: rel="next"`."""
        url: str | None = path
        query: Mapping[str, Any] | None = {"per_page": 100, **(params or {})}
        while url:
            response = self._send("GET", url, token=token, params=query)
            yield from read_answer(response, writes=False)
            url, query = response.links.get("next", {}).get("url"), None

    def graphql(
        self,
        query: str,
        variables: Mapping[str, Any],
        *,
        token: str,
        write: bool = False,
        missing: bool = False,
    ) -> Any:
        """The `data` of a GraphQL answer; one with errors is a failure, even if some data came along.

        With `missing`, what GitHub does not find is null in the data and no failure.
        """
        response = self._send(
            "POST",
            graphql_url(self.github_url),
            token=token,
            body={"query": query, "variables": dict(variables)},
            write=write,
        )
        answer = read_answer(response, writes=write)
        errors = answer.get("errors") or []
        if missing and answer.get("data") and all(error.get("type") == "NOT_FOUND" for error in errors):
            return answer["data"]
        if errors:
            raise self._told(graphql_error(errors, writes=write, headers=response.headers), token)
        return answer["data"]

    def _send(
        self,
        method: str,
        path: str,
        *,
        token: str,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        write: bool | None = None,
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", **api_headers(self.github_url)}
        writes = method != "GET" if write is None else write
        try:
            response = self._client().request(
                method, path.lstrip("/"), json=body, params=dict(params) if params else None, headers=headers
            )
        except (RequestError, GraphQLFailed) as error:
            raise self._told(translated(error, writes=writes), token) from error
        return response.raw_response

    def _told(self, error: Exception, token: str) -> Exception:
        if isinstance(error, RateLimited) and self.when_limited is not None:
            self.when_limited(token, error.until)
        return error


def read_answer(response: httpx.Response, *, writes: bool) -> Any:
    """The JSON of an answer. What is none is not of GitHub but of something in between: nobody knows then."""
    try:
        return response.json()
    except ValueError as error:
        raise OutcomeUnknown() if writes else GitHubUnavailable() from error


def translated(error: Exception, *, writes: bool) -> Exception:
    """Our error for githubkit's; a write that may have happened is `OutcomeUnknown`."""
    if isinstance(error, RequestFailed):
        status, headers, said = error.response.status_code, error.response.headers, _message(error)
        if is_limit(status, headers, said) or (is_away(status, headers) and not writes):
            return RateLimited(free_again(headers, now=datetime.now(UTC)))
        return _refused(status, said, writes=writes)
    origin = getattr(error, "exc", None)
    if writes and not isinstance(origin, NEVER_SENT):
        return OutcomeUnknown()
    return GitHubUnavailable()


def _refused(status: int, said: str, *, writes: bool) -> Exception:
    if status == 401:
        return SignInAgain()
    if status == 403:
        return GitHubDenied(f"GitHub does not allow this: {said}", next_step=NEXT_STEP_RIGHTS)
    if status == 404:
        return GitHubNotFound("GitHub does not find this, or does not show it to you.")
    if status in (405, 409):
        return GitHubConflict(f"GitHub did not do it: {said}", next_step="Look again, then decide again.")
    if status < 500:
        return GitHubInvalid(f"GitHub refused it: {said}")
    if writes:
        return OutcomeUnknown()
    return GitHubOverasked() if status in TOO_MUCH else GitHubUnavailable()


NEXT_STEP_RIGHTS = "Your rights come from GitHub teams; a maintainer can change them."


def _message(error: RequestFailed) -> str:
    try:
        said = error.response.json()
    except ValueError:
        said = None
    if not isinstance(said, dict):
        return "no reason given"
    details = [_detail(each) for each in said.get("errors") or ()]
    return " ".join([str(said.get("message", "no reason given")), *filter(None, details)])[:500]


def _detail(error: Any) -> str:
    return str(error.get("message") or "") if isinstance(error, dict) else str(error)


def graphql_error(
    errors: list[dict[str, Any]], *, writes: bool, headers: Mapping[str, str] | None = None
) -> Exception:
    """GitHub names the type of what it refuses; where it fails or takes too long there is none."""
    said = "; ".join(str(error.get("message")) for error in errors)[:500]
    kinds = {error.get("type") for error in errors}
    if kinds & LIMITED:
        return RateLimited(free_again(headers or {}, now=datetime.now(UTC)))
    if "STALE_DATA" in kinds:
        return GitHubConflict(f"GitHub did not do it: {said}", next_step="Look again, then decide again.")
    if None in kinds or kinds & TOO_LARGE:
        return OutcomeUnknown() if writes else GitHubOverasked()
    if kinds & {"FORBIDDEN", "BRANCH_PROTECTION_RULE_VIOLATION"}:
        return GitHubDenied(f"GitHub does not allow this: {said}", next_step=NEXT_STEP_RIGHTS)
    if "NOT_FOUND" in kinds:
        return GitHubNotFound("GitHub does not find this, or does not show it to you.")
    return GitHubInvalid(f"GitHub refused it: {said}")
