"""The scratch repository: where the trial works, under names of its own."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.conf import settings

from governance.models import Node, Project
from governance.places import repository_of
from lockgate.errors import Denied

FOLDER = "lockgate-check"


@dataclass(frozen=True)
class Scratch:
    """`branch` is the default one with its tip `head`; `mark` tells this trial from others."""

    repo: str
    branch: str
    head: str
    mark: str

    @property
    def owner(self) -> str:
        return self.repo.partition("/")[0]

    def name(self, part: str) -> str:
        """A branch of this trial."""
        return f"{FOLDER}/{self.mark}/{part}"

    @property
    def file(self) -> str:
        return f"{FOLDER}/{self.mark}.txt"


def new_mark() -> str:
    return secrets.token_hex(4)


def refuse_registered(repo: str) -> None:
    """Raises Denied for a repository that Lockgate looks after: the trial would write in it."""
    places = [*Project.objects.all(), *Node.objects.all()]
    known = {repository_of(place).lower() for place in places} | {
        name.lower() for name in settings.LOCKGATE.node_repos
    }
    if repo.lower() in known:
        raise Denied(
            f"{repo} is registered with Lockgate.",
            next_step="Name a scratch repository that holds nothing of worth.",
        )
