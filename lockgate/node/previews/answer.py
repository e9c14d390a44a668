"""Answer what the portal asks to see: a page of a result of this node's own, or the reason why not."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from psycopg.rows import class_row

from lockgate.errors import Denied, Invalid, LockgateError, Unavailable
from lockgate.messages import PreviewMade, seal_preview
from lockgate.node.code_repo import ProjectOnNode
from lockgate.node.collection import rows as collections
from lockgate.node.collection.metadata import results_folder
from lockgate.node.collection.outputs import TakenFile
from lockgate.node.database import Connection, Database
from lockgate.node.exchange import Outbox
from lockgate.node.previews.page import list_directory, make_page
from lockgate.node.storage import object_key

LEASE = 30
SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.ASCII)


class NotShown(Denied):
    """What was asked for is no output of this node at that pull request and head."""


@dataclass(frozen=True)
class Wanted:
    """What a viewer wants to see; `viewer` is an account id."""

    id: str
    project: str
    pull_request: int
    head: str
    path: str
    page: int
    viewer: int
    public_key: str
    expires_at: datetime


@dataclass(frozen=True)
class Found:
    """An output: its object, and for a directory the files in it."""

    file: TakenFile
    inside: tuple[TakenFile, ...]


@dataclass(frozen=True)
class Previews:
    """Makes pages of the results that this node proposed."""

    node: str
    database: Database
    outbox: Outbox

    def step(self, projects: Mapping[str, ProjectOnNode]) -> bool:
        """Answer the next preview that is asked for. Returns whether there was one."""
        with self.database.transaction() as connection:
            wanted = _claim(connection)
        if wanted is None:
            return False
        try:
            sealed, reason = self._make(wanted, projects), None
        except Unavailable:
            with self.database.transaction() as connection:
                connection.execute(_LATER, [wanted.id])
            return True
        except LockgateError as problem:
            sealed, reason = None, problem.what
        with self.database.transaction() as connection:
            self._answer(connection, wanted, sealed, reason)
        return True

    def _make(self, wanted: Wanted, projects: Mapping[str, ProjectOnNode]) -> str:
        if wanted.expires_at <= datetime.now(UTC):
            raise NotShown("The preview was asked for too long ago.", next_step="Ask again.")
        on = projects.get(wanted.project)
        if on is None:
            raise NotShown("This node has no such project.")
        found = self._find(wanted, on)
        if found.inside:
            preview = list_directory(found.inside, found.file, wanted.page)
            return seal_preview(preview, wanted.public_key)
        content = on.internal.read(object_key(wanted.project, found.file.md5), most=found.file.size)
        _check_bytes(content, found.file)
        return seal_preview(make_page(content, found.file, wanted.page), wanted.public_key)

    def _find(self, wanted: Wanted, on: ProjectOnNode) -> Found:
        """The output named, by the node's own rows, at a head that holds the node's own files."""
        with self.database.transaction() as connection:
            collection = collections.by_pull_request(connection, wanted.project, wanted.pull_request)
            if collection is None:
                raise NotShown("That pull request is no result of this node.")
            own = collections.proposed_files(connection, collection.id)
            objects = collections.objects(connection, collection.id)
        if wanted.head != collection.commit_sha:
            _check_head(on, wanted.head, own, results_folder(collection.request, self.node))
        place = _place(wanted.path, results_folder(collection.request, self.node))
        named = [each for each in objects if each.place == place]
        if not named:
            raise NotShown("The pull request has no such output.")
        inside = tuple(each for each in objects if each.place.startswith(f"{place}/"))
        return Found(named[0], inside)

    def _answer(self, connection: Connection, wanted: Wanted, sealed: str | None, reason: str | None) -> None:
        """Answer once: of two workers the first one's answer counts."""
        answered = connection.execute(
            "UPDATE preview SET answered_at = now(), refusal = %s, lease_until = NULL"
            " WHERE id = %s AND answered_at IS NULL",
            [reason, wanted.id],
        )
        if answered.rowcount:
            body = PreviewMade(wanted.id, sealed, reason)
            self.outbox.post(connection, body, expires_at=wanted.expires_at)


def _claim(connection: Connection) -> Wanted | None:
    with connection.cursor(row_factory=class_row(Wanted)) as cursor:
        return cursor.execute(_CLAIM, [LEASE]).fetchone()


_CLAIM = """
UPDATE preview SET lease_until = now() + make_interval(secs => %s)
WHERE id = (SELECT id FROM preview WHERE answered_at IS NULL AND due_at <= now()
              AND (lease_until IS NULL OR lease_until < now())
            ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, project, pull_request, head, path, page, viewer, public_key, expires_at
"""
_LATER = "UPDATE preview SET lease_until = NULL, due_at = now() + interval '3 seconds' WHERE id = %s"


def _check_head(on: ProjectOnNode, head: str, own: Mapping[str, bytes], folder: str) -> None:
    """A head that is not the node's own commit must hold the node's own files all the same."""
    if not SHA.fullmatch(head):
        raise NotShown("That head is no commit.")
    held = {path: on.main.read(head, path) for path in on.main.paths(head, folder)}
    if held != own:
        raise NotShown("The results at that head are not those of this node.")


def _place(path: str, folder: str) -> str:
    """The output that a path in the repository means."""
    return path.removeprefix(f"{folder}/").removesuffix(".dvc")


def _check_bytes(content: bytes, file: TakenFile) -> None:
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise Invalid("The object in the storage is not the one that was collected.")
