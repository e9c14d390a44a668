"""What every client of GitHub must know: where its APIs are, in which version, and how an App signs in."""

from lockgate.github.api import LOOPBACK, PUBLIC, USER_AGENT, api_headers, api_version, graphql_url, rest_url
from lockgate.github.app_key import AppKey

__all__ = [
    "LOOPBACK",
    "PUBLIC",
    "USER_AGENT",
    "AppKey",
    "api_headers",
    "api_version",
    "graphql_url",
    "rest_url",
]
