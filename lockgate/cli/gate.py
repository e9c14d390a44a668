"""`lockgate gate`: the gate on a repository, as a command."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from lockgate.gate import CannotTell, Verdict, annotation, as_json, check
from lockgate.gate.kind import WORDS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `lockgate gate` takes."""
    parser.add_argument("--repo", type=Path, default=Path(), metavar="DIR", help="the repository")
    parser.add_argument("--base", required=True, metavar="REV", help="what would be merged into")
    parser.add_argument("--head", required=True, metavar="REV", help="what would be merged")
    parser.add_argument("--base-ref", metavar="NAME", help="the branch that the base is")
    parser.add_argument("--default-branch", metavar="NAME", help="the repository's default branch")
    parser.add_argument("--author", type=int, metavar="ID", help="the account that opened the pull request")
    parser.add_argument(
        "--node-account",
        type=_node_account,
        action="append",
        default=[],
        metavar="NODE=ID",
        help="the account of a node's App",
    )
    parser.add_argument("--json", action="store_true", help="print the verdict as one line of JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the verdict; returns 0 for clean, 1 for refused, 2 for could not tell."""
    try:
        verdict = check(
            arguments.repo,
            base=arguments.base,
            head=arguments.head,
            base_ref=arguments.base_ref,
            default_branch=arguments.default_branch,
            author=arguments.author,
            node_accounts=dict(arguments.node_account),
        )
    except CannotTell as error:
        print(
            json.dumps({"clean": None, "reason": str(error)})
            if arguments.json
            else f"::error title=Gate::{error}"
        )
        return 2
    print(as_json(verdict) if arguments.json else _lines(verdict))
    return 0 if verdict.clean else 1


def _lines(verdict: Verdict) -> str:
    if verdict.clean and verdict.kind:
        return f"Clean: this is {WORDS[verdict.kind]}."
    what = WORDS[verdict.kind] if verdict.kind else "a change of no one kind"
    return "\n".join([*map(annotation, verdict.problems), f"Refused: this is {what} with problems."])


def _node_account(text: str) -> tuple[str, int]:
    node, _, account = text.partition("=")
    if not node or not account.isdecimal():
        raise argparse.ArgumentTypeError("write NODE=ID, such as north=4002")
    return node, int(account)
