"""The result pull request: looked up before it is made, on a branch that holds the node's own files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from lockgate.node.code_repo import ProjectOnNode
from lockgate.node.collection import rows
from lockgate.node.collection.errors import OutputRefused
from lockgate.node.collection.metadata import results_branch
from lockgate.node.collection.rows import Collection
from lockgate.node.github import PullRequest

if TYPE_CHECKING:
    from lockgate.node.collection.collect import Collector


class PullRequests(Protocol):
    """What the node writes on GitHub, as its own App."""

    def commit(self, repository: str, parent: str, files: Mapping[str, bytes], message: str) -> str: ...

    def branch(self, repository: str, name: str) -> str | None: ...

    def create_branch(self, repository: str, name: str, sha: str) -> None: ...

    def pull_requests_of(self, repository: str, branch: str) -> tuple[PullRequest, ...]: ...

    def open_pull_request(
        self, repository: str, *, head: str, base: str, title: str, body: str
    ) -> PullRequest: ...

    def close_pull_request(self, repository: str, number: int) -> None: ...


def propose(collection: Collection, on: ProjectOnNode, collector: Collector) -> None:
    """Commit, branch and open, whichever is not done yet. Raises OutputRefused for a foreign branch."""
    repository, writer = on.project.code_repo, collector.pull_requests
    branch = results_branch(collection.request, collector.node, collection.root)
    found = _own(collector, on, branch)
    if found is None:
        commit = collection.commit_sha or _commit(collection, on, collector, branch)
        head = writer.branch(repository, branch)
        if head is None:
            writer.create_branch(repository, branch, commit)
        elif head != commit:
            raise OutputRefused(f"A branch {branch} exists that this node did not make.")
        found = writer.open_pull_request(
            repository,
            head=branch,
            base=on.default_branch,
            title=f"Results of {collection.request} from {collector.node}",
            body=_body(collection, collector),
        )
    with collector.database.transaction() as connection:
        rows.proposed(connection, collector.outbox, collection, found.number)


def close_superseded(collector: Collector, projects: Mapping[str, ProjectOnNode]) -> None:
    """Close the open pull requests of replaced attempts, those of an interrupted proposal too."""
    with collector.database.transaction() as connection:
        replaced = rows.superseded(connection, projects)
    for collection in replaced:
        on = projects[collection.project]
        found = _own(collector, on, collection.branch)
        if found is not None and found.state == "open":
            collector.pull_requests.close_pull_request(on.project.code_repo, found.number)
        with collector.database.transaction() as connection:
            rows.closed(connection, collection.id)


def _own(collector: Collector, on: ProjectOnNode, branch: str) -> PullRequest | None:
    """The node's own pull request of a branch; anybody else's counts for nothing."""
    found = collector.pull_requests.pull_requests_of(on.project.code_repo, branch)
    return next((each for each in found if each.author == on.account), None)


def _commit(collection: Collection, on: ProjectOnNode, collector: Collector, branch: str) -> str:
    """Make the commit and write it down before anything refers to it."""
    with collector.database.transaction() as connection:
        files = rows.proposed_files(connection, collection.id)
    message = f"Add results of {collection.request} from {collector.node}"
    commit = collector.pull_requests.commit(on.project.code_repo, on.main.tip(), files, message)
    with collector.database.transaction() as connection:
        rows.committed(connection, collection.id, branch, commit)
    return commit


def _body(collection: Collection, collector: Collector) -> str:
    """Names, types and sizes; never anything of the contents."""
    with collector.database.transaction() as connection:
        objects = rows.objects(connection, collection.id)
    lines = [f"- `{each.place}`, {each.media_type}, {each.size} bytes" for each in objects]
    return (
        f"Outputs of request `{collection.request}`, run `{collection.root}` on node {collector.node}. "
        "They are on the node; controllers look at them in the portal. Not checked by a scanner.\n\n"
        + "\n".join(lines)
    )
