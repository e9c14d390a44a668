"""`lockgate protect OWNER/REPO`: protect a repository, with an administrator's token.

On the default branch a pull request is required, with the portal's policy and Actions' checks pinned to their
Apps, administrators included; not strict, or every merge would lapse every approval; a review ends with the
head that it saw; no force push, no deletion; only the teams named update the branch. Merge commits are the
only way to merge. In a Code Repo `lockgate/decisions` is the portal's App's alone, and `results/` the nodes'
Apps'. Said twice it changes nothing the second time.
"""

from __future__ import annotations

import argparse
import os

from lockgate.errors import Invalid
from lockgate.evidence import GitHubClient
from lockgate.protection import ACTIONS_APP_ID, Changed, apply, wanted

RESULTS_OPEN = "Whoever may push can push to results/: give --node-app-id to leave it to the nodes' Apps."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("repository", metavar="OWNER/REPO")
    parser.add_argument("--github", default="https://github.com", metavar="URL")
    parser.add_argument("--token-env", required=True, metavar="NAME", help="variable with the token")
    parser.add_argument("--app-id", type=int, metavar="ID", help="the portal's App, else LOCKGATE_APP_ID")
    parser.add_argument(
        "--node-app-id",
        type=int,
        nargs="+",
        default=[],
        metavar="ID",
        help="the Apps of all nodes that the project names",
    )
    parser.add_argument("--actions-app-id", type=int, default=ACTIONS_APP_ID, metavar="ID")
    parser.add_argument(
        "--teams",
        nargs="+",
        required=True,
        metavar="TEAM[,TEAM]",
        help="teams of the controllers and of the maintainers, as slug or organisation/slug",
    )
    parser.add_argument("--node-repo", action="store_true", help="a Node Repo: its policy is the only check")


def run(arguments: argparse.Namespace) -> int:
    asked = wanted(
        arguments.repository,
        portal_app_id=arguments.app_id or _portal_app_id(),
        actions_app_id=arguments.actions_app_id,
        teams=[team for given in arguments.teams for team in given.split(",") if team],
        node_app_ids=arguments.node_app_id,
        node_repo=arguments.node_repo,
    )
    token = _token(arguments.token_env)
    with GitHubClient(arguments.github, lambda: token) as client:
        changed = apply(client, arguments.repository, asked)
    print(f"{arguments.repository}: {_told(changed)}")
    if not arguments.node_repo and not arguments.node_app_id:
        print(RESULTS_OPEN)
    return 0


def _told(changed: Changed) -> str:
    if not changed.parts:
        return f"{changed.branch} was protected already."
    return f"{changed.branch} is protected now. Set: {', '.join(changed.parts)}."


def _portal_app_id() -> int:
    given = os.environ.get("LOCKGATE_APP_ID", "")
    if not given.isdigit():
        raise Invalid("The portal's App is not known.", next_step="Give --app-id or set LOCKGATE_APP_ID.")
    return int(given)


def _token(variable: str) -> str:
    token = os.environ.get(variable, "").strip()
    if not token:
        raise Invalid(
            f"The variable {variable} holds no token.", next_step="Set it to an administrator's token."
        )
    return token
