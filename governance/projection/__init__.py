"""From GitHub to rows: readings are taken first, then written in one transaction, newer over older only.

A webhook never writes rows: it asks for a reading. Running any of this twice gives the same rows.
"""

from governance.projection.code_repos import read_code_repo
from governance.projection.listeners import on_code_repo, on_forgetting, on_pull_request, on_rebuilt
from governance.projection.node_repos import read_node_repo
from governance.projection.pull_requests import refresh
from governance.projection.teams import read_team, read_teams, read_worn_teams

__all__ = [
    "on_code_repo",
    "on_forgetting",
    "on_pull_request",
    "on_rebuilt",
    "read_code_repo",
    "read_node_repo",
    "read_team",
    "read_teams",
    "read_worn_teams",
    "refresh",
]
