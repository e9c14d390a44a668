"""`lockgate node`: runs the node worker, with its timer, until it is told to stop."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Tell argparse what the command takes; all else comes from the environment."""
    parser.add_argument("--log-level", default="INFO", choices=["DEBUG", "INFO", "WARNING", "ERROR"])


def run(arguments: argparse.Namespace) -> int:
    """Run the worker. Raises SettingsError where the environment is not safe to start with."""
    from lockgate.node.app import app

    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    app.worker_main(
        ["worker", "--queues", app.conf.task_default_queue, "--loglevel", arguments.log_level, *quiet]
    )
    return 0
