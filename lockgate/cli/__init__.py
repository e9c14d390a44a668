"""The command `lockgate`. Each subcommand is a module of this package, imported only when it is asked for."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from lockgate import __version__
from lockgate.errors import LockgateError, Unavailable

SUBCOMMANDS = {
    "gate": "check what a pull request changes",
    "job-types": "write job_types/*.json from the jobs' config classes, or hold the two in step",
    "protect": "protect the default branch of a repository",
    "new": "make a Code Repo or a Node Repo",
    "node": "run the worker of a node",
    "verify-decisions": "derive every recorded decision from its facts again",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; returns 0 for done, 1 for refused, 2 for could not tell or asked wrongly."""
    words = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(prog="lockgate", description="Two gates, never open together.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, summary in SUBCOMMANDS.items():
        command = commands.add_parser(name, help=summary, description=f"{summary.capitalize()}.")
        if words[:1] == [name]:
            module = importlib.import_module(f"lockgate.cli.{name.replace('-', '_')}")
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    arguments = parser.parse_args(words)
    try:
        code: int = arguments.run(arguments)
    except LockgateError as error:
        print(f"lockgate {arguments.command}: {error}", file=sys.stderr)
        return 2 if isinstance(error, Unavailable) else 1
    return code
