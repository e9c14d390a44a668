"""Where the APIs of a GitHub are, and in which version of them Lockgate asks. Pure.

Source: docs, rest/about-the-rest-api/api-versions: a version that a GitHub does not know is refused with 400,
and Enterprise Server learns new ones later. What Lockgate reads is the same in both versions below: the newer
one only leaves out `merge_commit_sha`, `assignee` and the like (rest/about-the-rest-api/breaking-changes).
"""

from __future__ import annotations

from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
PUBLIC = "https://github.com"
NEWEST = "2026-03-10"  # github.com, and the local GitHub
OF_SERVERS = "2022-11-28"  # every Enterprise Server since 3.9
USER_AGENT = "lockgate"


def rest_url(github_url: str) -> str:
    """The address of the REST API: Enterprise Server's layout, except for github.com itself."""
    base = github_url.rstrip("/")
    return "https://api.github.com" if base == PUBLIC else f"{base}/api/v3"


def graphql_url(github_url: str) -> str:
    """The address of GraphQL, beside the REST API."""
    base = github_url.rstrip("/")
    return "https://api.github.com/graphql" if base == PUBLIC else f"{base}/api/graphql"


def api_version(github_url: str) -> str:
    """The version of the REST API to ask in."""
    newest = github_url.rstrip("/") == PUBLIC or urlsplit(github_url).hostname in LOOPBACK
    return NEWEST if newest else OF_SERVERS


def api_headers(github_url: str) -> dict[str, str]:
    """What every request says beside its token."""
    return {
        "Accept": "application/vnd.github+json",
        "User-Agent": USER_AGENT,
        "X-GitHub-Api-Version": api_version(github_url),
    }
