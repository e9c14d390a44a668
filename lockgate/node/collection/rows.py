"""The rows of collections: which step each has reached, and what it stores and proposes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from psycopg.rows import class_row

from lockgate.messages import CollectionReported, CollectionState
from lockgate.node.collection.outputs import TakenFile
from lockgate.node.database import Connection
from lockgate.node.exchange import Outbox, report
from lockgate.node.runs import RunRow

LEASE = 30
LONGEST_PAUSE = 60
OPEN = ("found", "storing", "proposing")


@dataclass(frozen=True)
class Collection:
    """The outputs of one run on their way to a pull request."""

    id: int
    project: str
    request: str
    run: str
    root: str
    state: str
    reason: str
    found_at: datetime
    branch: str
    commit_sha: str | None
    pull_request: int | None
    attempts: int


def add(connection: Connection, run: RunRow) -> bool:
    """Note that a run has succeeded; of one root run only the first success counts."""
    added = connection.execute(
        "INSERT INTO collection (project, request, run, root) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        [run.project, run.request, run.id, run.root],
    )
    return added.rowcount == 1


def claim(connection: Connection, projects: Iterable[str]) -> Collection | None:
    """Take a due collection of these projects for 30 s; None where no other worker left one."""
    claimed = connection.execute(
        """UPDATE collection
           SET lease_until = now() + make_interval(secs => %(lease)s), attempts = attempts + 1
           WHERE id = (SELECT id FROM collection
                       WHERE state = ANY(%(open)s) AND project = ANY(%(projects)s) AND due_at <= now()
                         AND (lease_until IS NULL OR lease_until < now())
                       ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
           RETURNING id""",
        {"lease": LEASE, "open": list(OPEN), "projects": list(projects)},
    ).fetchone()
    return None if claimed is None else get(connection, claimed[0])


def get(connection: Connection, collection: int) -> Collection:
    found = _select(connection, "id = %s", [collection])
    assert found
    return found[0]


def renew(connection: Connection, collection: int) -> None:
    connection.execute(
        "UPDATE collection SET lease_until = now() + make_interval(secs => %s) WHERE id = %s",
        [LEASE, collection],
    )


def wait(connection: Connection, outbox: Outbox, collection: Collection, reason: str) -> None:
    """Look again later, after a pause that grows with the attempts."""
    connection.execute(
        "UPDATE collection SET reason = %s, lease_until = NULL, due_at = now() + make_interval("
        "secs => least(%s, 2 ^ least(attempts, 10))) WHERE id = %s",
        [reason, LONGEST_PAUSE, collection.id],
    )
    tell(connection, outbox, collection.id)


def advance(connection: Connection, outbox: Outbox, collection: int, state: str, reason: str = "") -> None:
    """Enter another state; the next step is due at once."""
    connection.execute(
        "UPDATE collection SET state = %s, reason = %s, lease_until = NULL, due_at = now(), attempts = 0"
        " WHERE id = %s",
        [state, reason, collection],
    )
    tell(connection, outbox, collection)


def proposed(connection: Connection, outbox: Outbox, collection: Collection, pull_request: int) -> None:
    """The pull request stands; earlier attempts of the request give way to it."""
    connection.execute("UPDATE collection SET pull_request = %s WHERE id = %s", [pull_request, collection.id])
    advance(connection, outbox, collection.id, "proposed")
    replaced = connection.execute(
        "UPDATE collection SET state = 'superseded', reason = 'A newer attempt takes its place.'"
        " WHERE project = %s AND request = %s AND id <> %s AND state IN"
        " ('found', 'storing', 'proposing', 'proposed') RETURNING id",
        [collection.project, collection.request, collection.id],
    ).fetchall()
    for (older,) in replaced:
        tell(connection, outbox, older)


def superseded(connection: Connection, projects: Iterable[str]) -> tuple[Collection, ...]:
    """Collections whose pull request is still to be closed."""
    where = "state = 'superseded' AND NOT closed AND branch <> '' AND project = ANY(%s)"
    return _select(connection, where, [list(projects)])


def closed(connection: Connection, collection: int) -> None:
    connection.execute("UPDATE collection SET closed = true WHERE id = %s", [collection])


def has_newer(connection: Connection, run: RunRow) -> bool:
    """Whether a run of the same request that was created later has succeeded too, and is not refused."""
    found = connection.execute(
        "SELECT 1 FROM collection JOIN run ON run.id = collection.run WHERE collection.project = %s"
        " AND collection.request = %s AND collection.root <> %s AND run.created > %s"
        " AND collection.state <> 'refused' LIMIT 1",
        [run.project, run.request, run.root, run.created],
    ).fetchone()
    return found is not None


def keep_taken(
    connection: Connection, collection: int, taken: Iterable[TakenFile], files: Mapping[str, bytes]
) -> None:
    """Write down what is to be stored and proposed, before either is done."""
    connection.execute("DELETE FROM stored_object WHERE collection = %s", [collection])
    connection.execute("DELETE FROM proposed_file WHERE collection = %s", [collection])
    for file in taken:
        connection.execute(
            "INSERT INTO stored_object (collection, output, place, media_type, size, md5, sha256)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [collection, file.output, file.place, file.media_type, file.size, file.md5, file.sha256],
        )
    for path, content in files.items():
        connection.execute("INSERT INTO proposed_file VALUES (%s, %s, %s)", [collection, path, content])


def to_store(connection: Connection, collection: int, most: int) -> tuple[TakenFile, ...]:
    """Objects not stored yet; the listing of a directory comes after its files."""
    return _objects(connection, "collection = %s AND stored_at IS NULL", [collection], most)


def objects(connection: Connection, collection: int) -> tuple[TakenFile, ...]:
    """All objects of a collection; listings last."""
    return _objects(connection, "collection = %s", [collection], None)


def stored(connection: Connection, collection: int, file: TakenFile) -> None:
    connection.execute(
        "UPDATE stored_object SET stored_at = now() WHERE collection = %s AND output = %s AND place = %s",
        [collection, file.output, file.place],
    )


def proposed_files(connection: Connection, collection: int) -> dict[str, bytes]:
    """The node's own copy of the files that it proposed, by path."""
    rows = connection.execute(
        "SELECT path, content FROM proposed_file WHERE collection = %s", [collection]
    ).fetchall()
    return {path: bytes(content) for path, content in rows}


def committed(connection: Connection, collection: int, branch: str, commit: str) -> None:
    connection.execute(
        "UPDATE collection SET branch = %s, commit_sha = %s WHERE id = %s", [branch, commit, collection]
    )


def by_root(connection: Connection, project: str, request: str, root: str) -> Collection | None:
    found = _select(connection, "project = %s AND request = %s AND root = %s", [project, request, root])
    return found[0] if found else None


def by_pull_request(connection: Connection, project: str, pull_request: int) -> Collection | None:
    found = _select(connection, "project = %s AND pull_request = %s", [project, pull_request])
    return found[0] if found else None


def _select(connection: Connection, where: LiteralString, values: list[object]) -> tuple[Collection, ...]:
    with connection.cursor(row_factory=class_row(Collection)) as cursor:
        return tuple(cursor.execute(_COLLECTION + where, values).fetchall())


def _objects(
    connection: Connection, where: LiteralString, values: list[object], most: int | None
) -> tuple[TakenFile, ...]:
    order: LiteralString = " ORDER BY md5 LIKE '%%.dir', place LIMIT %s"
    with connection.cursor(row_factory=class_row(TakenFile)) as cursor:
        return tuple(cursor.execute(_OBJECT + where + order, [*values, most]).fetchall())


def tell(connection: Connection, outbox: Outbox, collection: int) -> None:
    """Report a collection's state, where it is news."""
    row = get(connection, collection)
    body = CollectionReported(
        project=row.project,
        request=row.request,
        root_run=row.root,
        state=_TOLD[row.state],
        reason=row.reason or None,
        pull_request=row.pull_request,
    )
    report(connection, outbox, f"{row.project}/collection/{row.root}", body, heartbeat=None)


_TOLD = {
    "found": CollectionState.COLLECTING,
    "storing": CollectionState.COLLECTING,
    "proposing": CollectionState.COLLECTING,
    "proposed": CollectionState.PROPOSED,
    "refused": CollectionState.REFUSED,
    "superseded": CollectionState.REFUSED,
}
_COLLECTION: LiteralString = """
SELECT id, project, request, run, root, state, reason, found_at, branch, commit_sha, pull_request, attempts
FROM collection WHERE """
_OBJECT: LiteralString = """
SELECT output, place, media_type, size, md5, sha256 FROM stored_object WHERE """
