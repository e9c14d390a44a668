"""What the Node Repo says of this node and its projects, compared with the node's own settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from lockgate.errors import Denied, LockgateError
from lockgate.evidence import Mirror
from lockgate.formats import FormatError, Node, Project, Storage, read_node, read_project
from lockgate.messages import read_verify_key, write_verify_key
from lockgate.node.settings import Settings

INTERNAL = "internal"


class WorkHeld(Denied):
    """The Node Repo does not describe this node as its own settings do: all work is held until it does."""


@dataclass(frozen=True)
class Configuration:
    """One reading of the Node Repo at `commit`. `problems` are of single projects, by their names."""

    commit: str
    node: Node
    projects: Mapping[str, Project]
    problems: Mapping[str, str]

    def storage_of(self, project: Project) -> tuple[Storage, Storage]:
        """The internal storage and the project's publication storage."""
        return self.node.storage[INTERNAL], self.node.storage[project.publication]


def read_configuration(mirror: Mirror, default_branch: str, settings: Settings) -> Configuration:
    """Read node.yaml and projects/*.yaml of the default branch. Raises WorkHeld where they do not fit."""
    commit = mirror.tip(default_branch)
    content = mirror.read(commit, "node.yaml")
    if content is None:
        raise WorkHeld(f"The Node Repo has no node.yaml on {default_branch}.", next_step="Add it.")
    try:
        node = read_node(content)
    except FormatError as problem:
        raise WorkHeld(f"node.yaml cannot be read: {problem}", next_step="Correct it.") from problem
    difference = first_difference(node, settings)
    if difference:
        raise WorkHeld(
            difference, next_step="Correct node.yaml by a node change, or the node's own settings."
        )
    projects: dict[str, Project] = {}
    problems: dict[str, str] = {}
    for path in filter(_is_project, mirror.paths(commit, "projects")):
        name = path.removeprefix("projects/").removesuffix(".yaml")
        try:
            project = read_project(mirror.read(commit, path) or b"", path)
            _check_storage(node, project, settings)
            projects[name] = project
        except LockgateError as problem:
            problems[name] = problem.what
    return Configuration(commit, node, projects, problems)


def first_difference(node: Node, settings: Settings) -> str | None:
    """Why node.yaml is not of this node, by its own settings; None where it is."""
    checks: tuple[tuple[bool, str], ...] = (
        (node.name == settings.node, "names another node"),
        (node.app.id == settings.app_id, "names another App for this node"),
        (
            node.message_key == write_verify_key(settings.message_key),
            "names another message key for this node",
        ),
        (node.portal.app_id == settings.portal_app_id, "names another App for the portal"),
        (_portal_key(node) == bytes(settings.portal_message_key), "names another message key for the portal"),
        (INTERNAL in node.storage, "names no internal storage"),
    )
    for holds, difference in checks:
        if not holds:
            return f"node.yaml {difference}."
    for name, storage in node.storage.items():
        if urlsplit(storage.endpoint).hostname not in settings.allowed_addresses:
            return f"node.yaml puts storage {name} at an address that this node does not allow."
    return None


def _portal_key(node: Node) -> bytes:
    return bytes(read_verify_key(node.portal.message_key))


def _check_storage(node: Node, project: Project, settings: Settings) -> None:
    publication = node.storage.get(project.publication)
    internal = node.storage[INTERNAL]
    if publication is None:
        raise WorkHeld(
            f"Project {project.name} names a storage {project.publication!r} that node.yaml has not."
        )
    if (publication.endpoint, publication.bucket) == (internal.endpoint, internal.bucket):
        raise WorkHeld(f"Project {project.name} would be published in the internal storage.")
    if publication.endpoint != internal.endpoint:
        raise WorkHeld(f"Project {project.name} is published at another server than the internal storage.")
    for storage in (internal, publication):
        settings.storage_keys(storage.keys)


def _is_project(path: str) -> bool:
    return path.count("/") == 1 and path.endswith(".yaml")
