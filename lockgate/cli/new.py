"""`lockgate new`: make a Code Repo or a Node Repo."""

from __future__ import annotations

import argparse
from pathlib import Path

from lockgate.new import (
    CannotGenerate,
    Wheel,
    new_code_repo,
    new_node_repo,
    read_registration,
    read_wheel,
)

WHEELHOUSE = Path("var/wheelhouse")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare `code-repo DIR` and `node-repo DIR`."""
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    for kind, summary in (("code-repo", "a project's repository"), ("node-repo", "a node's repository")):
        command = kinds.add_parser(kind, help=summary, description=f"Make {summary}.")
        command.add_argument("directory", type=Path, metavar="DIR")
        command.add_argument("--defaults", action="store_true", help="ask nothing, take the defaults")
        command.add_argument(
            "--data", action="append", default=[], metavar="KEY=VALUE", help="answer a question ahead"
        )
        command.add_argument("--wheel", type=Path, metavar="FILE", help="the wheel of lockgate to pin")
        if kind == "node-repo":
            command.add_argument(
                "--project",
                action="append",
                default=[],
                metavar="NAME=OWNER/REPO@SHA",
                help="register a Code Repo, SHA being its first commit",
            )


def run(arguments: argparse.Namespace) -> int:
    """Make the repository and say what to do next."""
    answers = _answers(arguments.data)
    wheel = _wheel(arguments.wheel or answers.pop("lockgate_wheel", None), ask=not arguments.defaults)
    if arguments.kind == "code-repo":
        new_code_repo(arguments.directory, answers, wheel=wheel, defaults=arguments.defaults)
        print(f"Made {arguments.directory}. Commit and push it, then run `lockgate protect OWNER/REPO`;")
        print("its first commit is the SHA that `lockgate new node-repo --project` asks for.")
        return 0
    registrations = tuple(read_registration(text) for text in arguments.project)
    private = new_node_repo(
        arguments.directory, answers, registrations, wheel=wheel, defaults=arguments.defaults
    )
    print(f"Made {arguments.directory}. Commit and push it, then run `lockgate protect OWNER/REPO`.")
    for path in private:
        print(f"{path} is a private key made for it: give it to its owner, and never commit it.")
    return 0


def _answers(pairs: list[str]) -> dict[str, str]:
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise CannotGenerate(f"{wrong[0]!r} answers nothing.", next_step="Write --data KEY=VALUE.")
    return {key: value for key, _, value in (pair.partition("=") for pair in pairs)}


def _wheel(given: Path | str | None, *, ask: bool) -> Wheel:
    """The wheel that was named; else the newest of the wheelhouse, which a person may overrule."""
    built = sorted(WHEELHOUSE.glob("lockgate-*.whl"), key=lambda path: path.stat().st_mtime)
    default = str(built[-1]) if built else ""
    if given is None and ask:
        given = input(f"Wheel of lockgate to pin [{default}]: ").strip()
    chosen = str(given or default)
    if not chosen:
        raise CannotGenerate(
            "There is no wheel of lockgate to pin.",
            next_step="Name one with --wheel FILE, or build one in var/wheelhouse with `make setup`.",
        )
    return read_wheel(Path(chosen))
