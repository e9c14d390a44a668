"""The projects that this node serves: the Node Repo read again and again, each Code Repo mirrored."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lockgate.errors import LockgateError
from lockgate.evidence import HEADS_AND_PULLS, Expected, GitHubReader, Mirror
from lockgate.formats import Project, Storage
from lockgate.node.code_repo import CodeRepo, ProjectOnNode
from lockgate.node.configuration import Configuration, WorkHeld, read_configuration
from lockgate.node.github import NodeApp, Repository
from lockgate.node.sensor_files import READ_ONLY, sensor_settings, withdraw_sensor_files, write_sensor_files
from lockgate.node.settings import Settings
from lockgate.node.storage import S3Store, Store

logger = logging.getLogger(__name__)
REPOSITORY_KEPT = 60.0


@dataclass
class Registry:
    """What is registered, as last read. Only the timer's thread uses it."""

    settings: Settings
    app: NodeApp
    configuration: Configuration | None = None
    projects: dict[str, ProjectOnNode] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    _repositories: dict[str, tuple[float, Repository]] = field(default_factory=dict)
    _mirrors: dict[str, Mirror] = field(default_factory=dict)
    _readers: dict[str, GitHubReader] = field(default_factory=dict)
    _stores: dict[Storage, S3Store] = field(default_factory=dict)

    def read(self) -> None:
        """Read the Node Repo. Raises WorkHeld where it does not fit this node, and holds all work."""
        try:
            mirror = self._mirror(self.settings.node_repo)
            mirror.fetch()
            branch = self._repository(self.settings.node_repo).default_branch
            self.configuration = read_configuration(mirror, branch, self.settings)
        except WorkHeld:
            self.configuration, self.projects = None, {}
            withdraw_sensor_files(self.settings.sensor_dir, keep=())
            raise
        self.problems = dict(self.configuration.problems)
        withdraw_sensor_files(self.settings.sensor_dir, keep=self.configuration.projects)
        self.projects = {}
        for name, project in self.configuration.projects.items():
            try:
                self.projects[name] = self._place(project, self.configuration)
                self._equip_sensor(self.projects[name], self.configuration)
            except LockgateError as problem:
                self.problems[name] = problem.what

    def fetch(self, on: ProjectOnNode) -> None:
        """Bring a project's mirror up to date."""
        self._mirror(on.project.code_repo).fetch(HEADS_AND_PULLS)

    def close(self) -> None:
        self.app.close()
        for reader in self._readers.values():
            reader.close()
        for store in self._stores.values():
            store.close()

    def stores(self) -> Mapping[str, Store]:
        """Every store in use, by its endpoint and bucket."""
        found = [store for on in self.projects.values() for store in (on.internal, on.publication)]
        return {f"{store.endpoint}/{store.bucket}": store for store in found if isinstance(store, S3Store)}

    def _place(self, project: Project, configuration: Configuration) -> ProjectOnNode:
        internal, publication = configuration.storage_of(project)
        branch = self._repository(project.code_repo).default_branch
        main = CodeRepo(
            project=project,
            default_branch=branch,
            mirror=self._mirror(project.code_repo),
            reader=self._reader(project.code_repo),
            expected=Expected(
                repository=project.code_repo,
                default_branch=branch,
                portal_app_id=self.settings.portal_app_id,
                approved_before=frozenset(project.approved_before),
            ),
            node_accounts={configuration.node.name: configuration.node.app.account},
        )
        return ProjectOnNode(
            project=project,
            default_branch=branch,
            account=configuration.node.app.account,
            main=main,
            internal=self._store(internal),
            publication=self._store(publication),
        )

    def _equip_sensor(self, on: ProjectOnNode, configuration: Configuration) -> None:
        """Give the project's sensor its settings and a token that can do nothing but read this repository."""
        content = sensor_settings(
            configuration.node,
            on.project,
            github_url=self.settings.github_url,
            default_branch=on.default_branch,
        )
        token = self.app.token(on.project.code_repo, READ_ONLY)
        write_sensor_files(self.settings.sensor_dir / on.project.name, content, token.value)

    def _repository(self, name: str) -> Repository:
        read_at, found = self._repositories.get(name, (0.0, None))
        if found is None or time.monotonic() - read_at > REPOSITORY_KEPT:
            found = self.app.repository(name)
            self._repositories[name] = (time.monotonic(), found)
        return found

    def _mirror(self, name: str) -> Mirror:
        if name not in self._mirrors:
            path = _folder(self.settings.data_dir / "mirrors", name)
            self._mirrors[name] = Mirror(path, self.settings.github_url, name, self._token_of(name))
        return self._mirrors[name]

    def _reader(self, name: str) -> GitHubReader:
        if name not in self._readers:
            self._readers[name] = GitHubReader(self.settings.github_url, self._token_of(name), name)
        return self._readers[name]

    def _token_of(self, name: str) -> Callable[[], str]:
        return lambda: self.app.token(name, READ_ONLY).value

    def _store(self, storage: Storage) -> S3Store:
        if storage not in self._stores:
            keys = self.settings.storage_keys(storage.keys)
            self._stores[storage] = S3Store(storage.endpoint, storage.bucket, keys)
        return self._stores[storage]


def _folder(root: Path, repository: str) -> Path:
    owner, name = repository.lower().split("/")
    return root / owner / f"{name}.git"
