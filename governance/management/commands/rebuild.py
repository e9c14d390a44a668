"""`manage.py rebuild [--project NAME] [--by LOGIN]`: read everything from GitHub and Git again."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.models import Person, Project
from governance.rebuild import Rebuild


class Command(BaseCommand):
    help = "Rebuild the projection from GitHub and Git. May be interrupted and run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--project", help="only this project")
        parser.add_argument("--by", help="login of the person in whose name the audit keeps it")

    def handle(self, *_: Any, project: str | None, by: str | None, **__: Any) -> None:
        rebuild = Rebuild(getpass.getuser(), _person(by) if by else None, self.stdout.write)
        rebuild.run(_project(project) if project else None)
        for problem in rebuild.problems:
            self.stderr.write(problem)
        if rebuild.problems:
            raise CommandError("Not everything could be read. Run it again once that is mended.")


def _person(login: str) -> Person:
    found = Person.objects.filter(login=login).first()
    if found is None:
        raise CommandError(f"Nobody with the login {login} is known here.")
    return found


def _project(name: str) -> Project:
    found = Project.objects.filter(name=name, registrations__isnull=False).first()
    if found is None:
        raise CommandError(f"There is no project {name}.")
    return found
