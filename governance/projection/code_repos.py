"""A Code Repo's main: `governance.yaml` becomes the project's policy and permissions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from governance.github import reader
from governance.github.port import RepositoryReading, RequiredCheckReading
from governance.mirrors import Mirror, mirror
from governance.models import Project
from governance.projection.identity import require_the_same
from governance.projection.listeners import tell_code_repo, tell_forgetting
from governance.projection.teams import grant
from governance.work import Gone
from lockgate import formats
from lockgate.errors import Invalid

POLICY = "governance.yaml"
NAMED_IN = "The Node Repo (projects/*.yaml)"


def read_code_repo(name: str, *, again: bool = False) -> None:
    """Read what main of the project's Code Repo says. What cannot be used is a problem shown.

    With `again` everything is written anew, also what seems to be as it was.
    """
    project = Project.objects.filter(name=name, registrations__isnull=False).first()
    if project is None:
        raise Gone
    asked_at = timezone.now()
    repository = reader().repository(project.code_repo)
    here = mirror(project.code_repo)
    try:
        require_the_same(project.code_repo, project.repository_id, repository, where=NAMED_IN)
        if not here.has(repository.main_sha):
            here.fetch(reader().git_token(project.code_repo))
        policy = _policy(here, repository.main_sha)
    except Invalid as error:
        Project.objects.filter(pk=project.pk).update(problem=str(error)[:1000])
        raise
    _write(project, repository, policy, here, asked_at, again=again)


def as_json(required: tuple[RequiredCheckReading, ...] | None) -> list[list[Any]] | None:
    """Required checks as the project's row keeps them."""
    return None if required is None else [[each.name, each.app_id] for each in required]


def _policy(here: Mirror, revision: str) -> dict[str, Any]:
    data = here.read(revision, POLICY)
    if data is None:
        raise Invalid(f"{here.repo} has no {POLICY} on its default branch.")
    formats.read_governance(data)  # raises what is wrong with it, file and line
    loaded = formats.load(data, POLICY)
    assert isinstance(loaded, dict)  # the reader has seen to it
    return dict(loaded)


@transaction.atomic
def _write(
    project: Project,
    repository: RepositoryReading,
    policy: dict[str, Any],
    here: Mirror,
    asked_at: datetime,
    *,
    again: bool,
) -> None:
    # Not the key: whoever writes a row that names the project would wait for this at their commit.
    row = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if row.confirmed_at is not None and row.confirmed_at > asked_at:
        return  # a newer reading is there already
    row.repository_id = repository.id
    row.default_branch = repository.default_branch
    row.main_sha = repository.main_sha
    row.required_checks = as_json(repository.required)
    row.governance = policy
    row.policy_blob = here.blob(repository.main_sha, POLICY) or ""
    row.confirmed_at, row.problem = asked_at, ""
    row.save()
    grant(row, _permissions(row))
    if again:
        tell_forgetting(row)
    tell_code_repo(row, here)


def _permissions(project: Project) -> dict[str, set[str]]:
    """Teams by permission: from the project's own policy, and the maintainers of its nodes."""
    researchers = set(project.governance["researchers"])
    controllers = set(project.governance["controllers"])
    for node in project.governance["nodes"].values():
        controllers |= set(node["controllers"])
    maintainers = {team for node in project.nodes.all() for team in node.maintainers}
    return {
        "view_project": researchers | controllers | maintainers,
        "request_job": researchers,
        "decide_project": controllers,
        "maintain_project": maintainers,
    }
