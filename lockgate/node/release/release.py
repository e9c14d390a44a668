"""The releaser: finds merged results on main, judges them, copies what was approved and reads it back."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lockgate.errors import Conflict, LockgateError
from lockgate.evidence import Approved, Judgement
from lockgate.formats import FormatError, read_manifest, request_id_problem
from lockgate.node.code_repo import MainLine, ProjectOnNode
from lockgate.node.collection import rows as collections
from lockgate.node.collection.metadata import results_folder
from lockgate.node.collection.outputs import TakenFile
from lockgate.node.collection.rows import Collection
from lockgate.node.database import Database
from lockgate.node.exchange import Outbox
from lockgate.node.release import rows
from lockgate.node.release.decision import Facts, Hold, Release, Wait, decide
from lockgate.node.storage import ObjectMissing, object_key

logger = logging.getLogger(__name__)
BATCH = 16


class NotTheReviewed(Conflict):
    """An object is not the one that was reviewed. Its release is held for good."""


@dataclass(frozen=True)
class Releaser:
    """Releases results of this node, and of no other."""

    node: str
    database: Database
    outbox: Outbox

    def find(self, on: ProjectOnNode) -> None:
        """Read main on from where it was left. Raises `HistoryRewritten` where that is no longer on main."""
        name, since = on.project.name, on.project.since
        with self.database.transaction() as connection:
            walked = rows.walked(connection, name, since)
        for commit in on.main.merges(walked):
            requests = sorted(set(self._added(on.main, commit.sha)))
            with self.database.transaction() as connection:
                for request in requests:
                    rows.add(connection, self.outbox, name, commit.sha, request)
                rows.walk_to(connection, name, since, commit.sha)

    def step(self, projects: Mapping[str, ProjectOnNode]) -> bool:
        """Do the next due step of these projects. Returns whether there was one."""
        with self.database.transaction() as connection:
            release = rows.claim(connection, projects)
        if release is None:
            return False
        try:
            if release.state == "waiting":
                self._judge(release, projects[release.project])
            else:
                self._publish(release, projects[release.project])
        except NotTheReviewed as problem:
            with self.database.transaction() as connection:
                rows.advance(connection, self.outbox, release.id, "held", problem.what)
        except LockgateError as problem:
            with self.database.transaction() as connection:
                rows.wait(connection, self.outbox, release, problem.what)
        return True

    def _added(self, main: MainLine, commit: str) -> Iterator[str]:
        """The requests whose results of this node a commit of main adds to."""
        for path in main.added(commit, "results"):
            parts = path.split("/")
            if len(parts) >= 4 and parts[2] == self.node and request_id_problem(parts[1]) is None:
                yield parts[1]

    def _judge(self, release: rows.Release, on: ProjectOnNode) -> None:
        judgement = on.main.judge(release.merge)
        folder = results_folder(release.request, self.node)
        merged = _files(on.main, release.merge, folder)
        collection = self._own(release, merged)
        with self.database.transaction() as connection:
            own = collections.proposed_files(connection, collection.id) if collection else None
        on_main = _files(on.main, on.main.tip(), folder)
        decision = decide(Facts(release.request, self.node, judgement, merged, own, on_main))
        number = _pull_request(on.main, release.merge, judgement)
        with self.database.transaction() as connection:
            rows.name_pull_request(connection, release.id, number)
            match decision:
                case Wait(reason):
                    rows.wait(connection, self.outbox, release, reason)
                case Hold(reason):
                    rows.advance(connection, self.outbox, release.id, "held", reason)
                case Release():
                    assert collection is not None
                    rows.begin(connection, self.outbox, release.id, collection.id)

    def _own(self, release: rows.Release, merged: Mapping[str, bytes]) -> Collection | None:
        """The collection of the run that the merged manifest names, if this node made one."""
        path = f"{results_folder(release.request, self.node)}/manifest.yaml"
        try:
            manifest = read_manifest(merged.get(path, b""), path)
        except FormatError:
            return None
        with self.database.transaction() as connection:
            return collections.by_root(connection, release.project, release.request, manifest.root_run)

    def _publish(self, release: rows.Release, on: ProjectOnNode) -> None:
        """Publish and verify a batch; after the last object, and only then, it is released."""
        with self.database.transaction() as connection:
            due = rows.to_publish(connection, release, BATCH)
        for file in due:
            publish_object(on, file)
            with self.database.transaction() as connection:
                rows.published(connection, release.id, file)
                rows.renew(connection, release.id)
        with self.database.transaction() as connection:
            left = rows.to_publish(connection, release, 1)
            rows.advance(connection, self.outbox, release.id, "releasing" if left else "released")


def publish_object(on: ProjectOnNode, file: TakenFile) -> None:
    """Copy one object of the run and hash the published bytes. Raises NotTheReviewed.

    An object that is there already is never overwritten: of two files with one md5 the first stays.
    """
    key = object_key(on.project.name, file.md5)
    stored = on.internal.look(key)
    if stored is None:
        raise ObjectMissing(
            f"{file.place} is not in the internal storage.", next_step="A maintainer looks for it."
        )
    if (stored.sha256, stored.size) != (file.sha256, file.size):
        raise NotTheReviewed(f"{file.place} in the internal storage is not the object that was reviewed.")
    published = on.publication.look(key)
    if published is None:
        on.publication.copy_from(on.internal, key)
        published = on.publication.look(key)
        if published is not None and published.sha256 != file.sha256:
            on.publication.delete(key)
    if published is None:
        raise ObjectMissing(f"{file.place} did not arrive in the publication storage.")
    if (published.sha256, published.size) != (file.sha256, file.size):
        raise NotTheReviewed(f"{file.place} in the publication storage is not the object that was reviewed.")


def _pull_request(main: MainLine, merge: str, judgement: Judgement) -> int | None:
    """The pull request to tell the portal of; none where results came to main without any."""
    if isinstance(judgement, Approved):
        return judgement.pull_request
    number = main.pull_request(merge)
    if number is None:
        logger.warning("Results came to main by %s without a pull request.", merge)
    return number


def _files(main: MainLine, revision: str, folder: str) -> dict[str, bytes]:
    """Every file of a folder at a revision; what is no plain file counts as empty, and so as different."""
    return {path: main.read(revision, path) or b"" for path in main.paths(revision, folder)}
