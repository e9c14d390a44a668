"""`manage.py posture`: reads from GitHub afresh what it would let through, and says how to mend it."""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.models import Node, Project
from governance.places import repository_of
from governance.posture.findings import Code, Finding, Severity, words
from governance.posture.steps import look_at_posture
from lockgate.errors import LockgateError

CLEAN, FOUND, UNTOLD = 0, 1, 2


@dataclass(frozen=True)
class Line:
    repository: str
    severity: str
    code: str
    title: str
    about: str
    detail: str
    means: str
    mend: str


class Command(BaseCommand):
    help = "What GitHub would let through: exits 0 clean, 1 on any finding, 2 where it could not tell."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--project", metavar="NAME", help="this project alone; else all, and the nodes")
        parser.add_argument("--json", action="store_true", help="print one JSON document")
        parser.add_argument(
            "--token-env",
            metavar="NAME",
            help="variable with an administrator's token, to whom GitHub shows who may bypass rulesets",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        token = _token(options["token_env"])
        places = _places(options["project"])
        lines = [line for place in places for line in _lines(place, token)]
        self.stdout.write(_as_json(places, lines) if options["json"] else _as_table(places, lines))
        if code := _exit_code(lines):
            sys.exit(code)


def _places(project: str | None) -> list[Project | Node]:
    if project is None:
        found = [*Node.objects.all(), *Project.objects.filter(registrations__isnull=False).distinct()]
    else:
        found = list(Project.objects.filter(name=project))
    if not found:
        raise CommandError("There is no such project, or Lockgate has read none yet.", returncode=UNTOLD)
    return found


def _token(variable: str | None) -> str:
    token = os.environ.get(variable, "").strip() if variable else ""
    if variable and not token:
        raise CommandError(f"The variable {variable} holds no token.", returncode=UNTOLD)
    return token


def _lines(place: Project | Node, token: str) -> Iterator[Line]:
    """What was found in one place; where GitHub could not be read, that alone."""
    repo = repository_of(place)
    try:
        posture = look_at_posture(place, administrator_token=token)
    except LockgateError as error:
        yield _line(repo, Finding(Code.UNTOLD, "The repository", str(error)))
        return
    for row in posture.findings.all():
        yield _line(repo, Finding(Code(row.code), row.about, row.detail))


def _line(repo: str, finding: Finding) -> Line:
    said = words(finding)
    return Line(
        repository=repo,
        severity=str(said.severity),
        code=str(finding.code),
        title=said.title,
        about=finding.about,
        detail=finding.detail,
        means=said.means,
        mend=said.mend,
    )


def _exit_code(lines: list[Line]) -> int:
    if any(line.severity != Severity.UNTOLD for line in lines):
        return FOUND
    return UNTOLD if lines else CLEAN


def _as_json(places: list[Project | Node], lines: list[Line]) -> str:
    found: dict[str, list[dict[str, str]]] = {repository_of(place): [] for place in places}
    for line in lines:
        found[line.repository].append({k: v for k, v in asdict(line).items() if k != "repository"})
    return json.dumps({"clean": not lines, "repositories": found}, indent=2)


def _as_table(places: list[Project | Node], lines: list[Line]) -> str:
    """A block for each repository: clean, or each finding with what it means and how to mend it."""
    said = []
    for place in places:
        repo = repository_of(place)
        own = [line for line in lines if line.repository == repo]
        said.append(f"{repo}: {'clean' if not own else f'{len(own)} found'}")
        for line in own:
            about = f": {line.about}" if line.about else ""
            said.append(f"  {line.severity:<7} {line.title}{about}")
            said += [f"          {text}" for text in (line.detail, line.means, line.mend) if text]
    return "\n".join(said)
