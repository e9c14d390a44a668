"""A place is a project (with its Code Repo) or a node (with its Node Repo); work names it by a short text."""

from __future__ import annotations

from governance.models import Node, Project, PullRequest
from governance.work import Gone


def repository_of(place: Project | Node) -> str:
    """`owner/name` on GitHub."""
    return place.code_repo if isinstance(place, Project) else place.repo


def subject_of(place: Project | Node) -> str:
    """`project:<name>` or `node:<name>`."""
    return f"{'project' if isinstance(place, Project) else 'node'}:{place.name}"


def change_subject(pull_request: PullRequest) -> str:
    return f"{subject_of(pull_request.place)}:{pull_request.number}"


def place_of(subject: str) -> Project | Node:
    """The place that a subject names, with or without a number. Raises Gone."""
    kind, name = subject.split(":")[:2]
    found = (Project if kind == "project" else Node).objects.filter(name=name).first()
    if found is None:
        raise Gone
    return found
