"""Makes an answer about a pull request whole: what did not fit on its first pages is asked for."""

from __future__ import annotations

from typing import Any

from governance.github import queries
from governance.github.asking import Asking

Json = dict[str, Any]


def whole(asking: Asking, owner: str, pull: Json) -> Json:
    """The same pull request with all its reviews, comments and check runs."""
    _read_on(asking, owner, pull["id"], pull["reviews"], queries.MORE_REVIEWS)
    _read_on(asking, owner, pull["id"], pull["comments"], queries.MORE_COMMENTS)
    for node in pull["commits"]["nodes"]:
        suites = node["commit"]["checkSuites"]
        if suites is None:
            continue
        _read_on(asking, owner, node["commit"]["id"], suites, queries.MORE_SUITES)
        for suite in suites["nodes"]:
            _read_on(asking, owner, suite["id"], suite["checkRuns"], queries.MORE_RUNS)
    return pull


def _read_on(asking: Asking, owner: str, holder: str, connection: Json, query: str) -> None:
    """Add what comes after the pages that are there."""
    page = connection["pageInfo"]
    while page["hasNextPage"]:
        more = asking.graphql(owner, query, id=holder, after=page["endCursor"])["node"]["more"]
        connection["nodes"] += more["nodes"]
        page = more["pageInfo"]
