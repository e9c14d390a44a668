"""A Node Repo's main: `node.yaml` and `projects/*.yaml` become the node, its projects and registrations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from governance import audit
from governance.github import reader
from governance.github.errors import GitHubNotFound
from governance.github.port import RepositoryReading
from governance.mirrors import Mirror, mirror
from governance.models import Node, Project, Registration
from governance.projection.identity import require_the_same
from governance.projection.teams import grant
from governance.work import Gone, ask
from lockgate import formats
from lockgate.errors import Invalid

NAMED_IN = "LOCKGATE_NODE_REPOS"


def read_node_repo(repo: str) -> None:
    """Read what main of the Node Repo says. What cannot be used is shown; the last good rows stay."""
    if repo not in settings.LOCKGATE.node_repos:
        raise Gone
    asked_at = timezone.now()
    repository = reader().repository(repo)
    known = _known(Node.objects.all(), repo, repository)
    here = mirror(repo)
    try:
        require_the_same(repo, known and known.repository_id, repository, where=NAMED_IN)
        if not here.has(repository.main_sha):
            here.fetch(reader().git_token(repo))
        said, projects = _files(here, repository.main_sha)
    except Invalid as error:
        Node.objects.filter(repo=repo).update(problem=str(error)[:1000])
        raise
    _write(repo, repository, said, projects, _renamed(projects), asked_at)


def _known(nodes: QuerySet[Node], repo: str, repository: RepositoryReading) -> Node | None:
    """By its name; after the administrator named it anew, by GitHub's number of it."""
    found = nodes.filter(Q(repo=repo) | Q(repository_id=repository.id))
    return min(found, key=lambda node: node.repo != repo, default=None)


def _renamed(projects: list[formats.Project]) -> dict[str, str]:
    """By project the name of today of its Code Repo, where the Node Repo has another than Lockgate, and
    GitHub has the same repository under both."""
    found = {}
    for said in projects:
        known = Project.objects.filter(name=said.name).exclude(code_repo=said.code_repo).first()
        if known is None or known.repository_id is None:
            continue
        with suppress(GitHubNotFound):
            here = reader().repository(said.code_repo)
            if here.id == known.repository_id:
                found[said.name] = here.name
    return found


def _files(here: Mirror, revision: str) -> tuple[formats.Node, list[formats.Project]]:
    said = formats.read_node(_needed(here, revision, "node.yaml"))
    strangers = sorted(set(_hosts(said)) - set(settings.LOCKGATE.allowed_addresses))
    if strangers:
        raise Invalid(
            f"node.yaml names hosts that this portal does not allow: {', '.join(strangers)}.",
            next_step="An administrator allows them in LOCKGATE_ALLOWED_ADDRESSES.",
        )
    projects = []
    for entry in here.files(revision, "projects"):
        if entry.name.endswith(".yaml"):
            path = f"projects/{entry.name}"
            projects.append(formats.read_project(_needed(here, revision, path), path))
    return said, projects


def _needed(here: Mirror, revision: str, path: str) -> bytes:
    data = here.read(revision, path)
    if data is None:
        raise Invalid(f"{here.repo} has no file {path} that Lockgate can read.")
    return data


def _hosts(said: formats.Node) -> Iterator[str]:
    """Every host that node.yaml would have the portal or a browser talk to."""
    storages = said.storage.values()
    endpoints = [each.endpoint for each in storages] + [each.read_endpoint or "" for each in storages]
    for address in [*said.addresses.values(), *endpoints]:
        host = urlsplit(address).hostname
        if host:
            yield host


@transaction.atomic
def _write(
    repo: str,
    repository: RepositoryReading,
    said: formats.Node,
    projects: list[formats.Project],
    renamed: Mapping[str, str],
    asked_at: datetime,
) -> None:
    known = _known(Node.objects.select_for_update(no_key=True), repo, repository)
    if known is not None and known.confirmed_at is not None and known.confirmed_at > asked_at:
        return  # a newer reading is there already
    if known is not None and known.name != said.name:
        raise Invalid(f"node.yaml of {repo} renames the node {known.name}: a node keeps its name.")
    if known is not None and known.repo != repo:
        details = {"from": known.repo, "to": repo}
        Node.objects.filter(pk=known.pk).update(repo=repo)
        audit.record(by=None, action="node.renamed", project=None, subject=repo, details=details)
    node, _ = Node.objects.update_or_create(
        repo=repo, defaults={"confirmed_at": asked_at, "problem": "", **_values(repository, said)}
    )
    _register(node, projects, renamed)
    people = {*said.controllers, *said.maintainers}
    grant(node, {"view_node": people, "decide_node": said.controllers, "maintain_node": said.maintainers})
    for registration in node.registrations.select_related("project"):
        ask("read_code_repo", registration.project.name)


def _values(repository: RepositoryReading, said: formats.Node) -> dict[str, Any]:
    return {
        "name": said.name,
        "repository_id": repository.id,
        "default_branch": repository.default_branch,
        "main_sha": repository.main_sha,
        "app_id": said.app.id,
        "app_slug": said.app.slug,
        "app_account": said.app.account,
        "message_key": said.message_key,
        "portal_app_id": said.portal.app_id,
        "controllers": list(said.controllers),
        "maintainers": list(said.maintainers),
        "addresses": dict(said.addresses),
        "storage": {name: asdict(each) for name, each in said.storage.items()},
    }


def _register(node: Node, projects: list[formats.Project], renamed: Mapping[str, str]) -> None:
    """The node's registrations, exactly those of the repository; a project belongs to one Code Repo."""
    node.registrations.exclude(project__name__in=[each.name for each in projects]).delete()
    for said in projects:
        project, _ = Project.objects.get_or_create(name=said.name, defaults={"code_repo": said.code_repo})
        if project.code_repo != said.code_repo:
            _rename(project, node, said.code_repo, renamed.get(said.name))
        Registration.objects.update_or_create(
            project=project,
            node=node,
            defaults={
                "since": said.since,
                "code_location": said.code_location,
                "publication": said.publication,
                "minimums": {str(kind): asdict(each) for kind, each in said.minimums.items()},
                "approved_before": list(said.approved_before),
            },
        )


def _rename(project: Project, node: Node, wanted: str, today: str | None) -> None:
    """The Code Repo has another name on GitHub. `today` None: that is not the same repository."""
    if today is None:
        raise Invalid(
            f"{node.repo} registers {project.name} with {wanted}, and Lockgate knows it with "
            f"{project.code_repo}, which is another repository.",
            next_step="A maintainer names the project's own repository, or registers another project.",
        )
    if today != project.code_repo:
        details = {"from": project.code_repo, "to": today}
        project.code_repo = today
        project.save(update_fields=["code_repo"])
        audit.record(by=None, action="project.renamed", project=project, subject=today, details=details)
