"""`manage.py check_github`: tries every call that Lockgate makes against the configured GitHub."""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from governance.github import connection, installations, posture_reader, reader
from governance.github.installation import Installations
from governance.trial import administrator, app, node, person, sign_in
from governance.trial.calls import Calls
from governance.trial.record import Result, Trial, Tried
from governance.trial.scratch import Scratch, refuse_registered
from lockgate.errors import Denied

WORKS, REFUSED, UNTOLD = 0, 1, 2
TOKENS = {
    "person_env": "who opens and merges a request",
    "reviewer_env": "another person, who reviews it",
    "administrator_env": "an administrator, who protects a branch",
}


class Command(BaseCommand):
    help = (
        "Try every call of Lockgate in a scratch repository: exits 0 where all work, 1 where GitHub refuses "
        "one, 2 where it could not be told. What cannot be taken away: a check run and closed pull requests."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--repository", required=True, metavar="OWNER/SCRATCH")
        for option, who in TOKENS.items():
            name = f"--{option.replace('_', '-')}"
            parser.add_argument(name, metavar="NAME", help=f"variable with the token of {who}")
        parser.add_argument("--node-app-id", type=int, metavar="ID", help="a node's App")
        parser.add_argument("--node-key-file", type=Path, metavar="FILE", help="the private key of that App")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            refuse_registered(options["repository"])
        except Denied as error:
            raise CommandError(str(error), returncode=REFUSED) from error
        tokens = {option: _token(options[option]) for option in TOKENS}
        trial = Trial()
        try:
            _try_all(trial, options, tokens)
        finally:
            trial.clean_up()
            self.stdout.write(_as_json(trial) if options["json"] else _as_table(trial.tried))
        if code := _exit_code(trial.tried):
            sys.exit(code)


def _token(variable: str | None) -> str:
    token = os.environ.get(variable, "").strip() if variable else ""
    if variable and not token:
        raise CommandError(f"The variable {variable} holds no token.", returncode=UNTOLD)
    return token


def _try_all(trial: Trial, options: dict[str, Any], tokens: dict[str, str]) -> None:
    scratch = _as_app(trial, options["repository"])
    if scratch is None:
        return
    merge = _as_person(trial, scratch, tokens)
    with trial.group("sign-in"):
        sign_in.tell(trial)
    _as_administrator(trial, options, scratch, tokens["administrator_env"])
    _as_node(trial, options, scratch, merge)


def _as_app(trial: Trial, repo: str) -> Scratch | None:
    given = installations()
    with trial.group("app"):
        scratch = app.find(trial, given, reader(), repo)
        app.read(trial, reader(), scratch)
        app.read_posture(trial, posture_reader(), scratch)
        app.write(trial, given, reader(), scratch)
        return scratch
    return None  # the group stopped where the repository was not found


def _as_person(trial: Trial, scratch: Scratch, tokens: dict[str, str]) -> str:
    """The merge commit, "" where there is none."""
    if not tokens["person_env"]:
        trial.skip_group("person", "no token of a person was given", "Give --person-env NAME.")
        return ""
    with trial.group("person"):
        calls = Calls(trial, connection(), scratch, tokens["person_env"])
        return person.act(calls, reader(), reviewer=tokens["reviewer_env"])
    return ""  # the group stopped before the merge


def _as_administrator(trial: Trial, options: dict[str, Any], scratch: Scratch, token: str) -> None:
    if not token:
        trial.skip_group(
            "administrator", "no administrator's token was given", "Give --administrator-env NAME."
        )
        return
    with trial.group("administrator"):
        calls = Calls(trial, connection(), scratch, token)
        administrator.act(calls, app_id=settings.LOCKGATE.app_id, node_app_id=options["node_app_id"])


def _as_node(trial: Trial, options: dict[str, Any], scratch: Scratch, merge: str) -> None:
    number, key = options["node_app_id"], options["node_key_file"]
    if not number or not key:
        trial.skip_group("node", "no App of a node was given", "Give --node-app-id and --node-key-file.")
        return
    with trial.group("node"):
        given = Installations(connection(), app_id=number, private_key=key.read_text())
        node.act(trial, connection(), given, scratch, merge=merge)


def _exit_code(tried: list[Tried]) -> int:
    results = {each.result for each in tried}
    if Result.REFUSED in results:
        return REFUSED
    return UNTOLD if Result.UNTOLD in results else WORKS


def _as_json(trial: Trial) -> str:
    return json.dumps([asdict(each) for each in trial.tried], indent=2)


def _as_table(tried: list[Tried]) -> str:
    head = ("Result", "By", "Call", "What for", "What to do")
    rows = [head, *(row for each in tried for row in _rows(each))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head) - 1)]
    lines = ["  ".join([*map(str.ljust, row, widths), row[-1]]).rstrip() for row in rows]
    return "\n".join(lines)


def _rows(each: Tried) -> Iterator[tuple[str, ...]]:
    """One; of several calls that were made as one, each has a line."""
    first, *more = each.call.split(", ")
    yield each.result, each.group, first, each.why, each.advice
    for call in more:
        yield "", "", call, "", ""
