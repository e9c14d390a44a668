"""The rows of releases, and how far main was read for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from psycopg.rows import class_row

from lockgate.messages import ReleasedFile, ReleaseReported, ReleaseState
from lockgate.node.collection.outputs import TakenFile
from lockgate.node.database import Connection
from lockgate.node.exchange import Outbox, report

LEASE = 30
LONGEST_PAUSE = 60
OPEN = ("waiting", "releasing", "unfinished")


@dataclass(frozen=True)
class Release:
    """One merged result on its way to publication."""

    id: int
    project: str
    merge: str
    request: str
    pull_request: int | None
    collection: int | None
    state: str
    reason: str
    released_at: datetime | None
    attempts: int


def walked(connection: Connection, project: str, since: str) -> str:
    """The last commit of main that was read; another `since` starts over."""
    row = connection.execute(
        "SELECT sha FROM main_walk WHERE project = %s AND since = %s", [project, since]
    ).fetchone()
    return since if row is None else str(row[0])


def walk_to(connection: Connection, project: str, since: str, sha: str) -> None:
    connection.execute(
        "INSERT INTO main_walk (project, since, sha) VALUES (%s, %s, %s) ON CONFLICT (project)"
        " DO UPDATE SET since = excluded.since, sha = excluded.sha, problem = ''",
        [project, since, sha],
    )


def add(connection: Connection, outbox: Outbox, project: str, merge: str, request: str) -> None:
    """Note that results of this node came to main, once for each merge."""
    added = connection.execute(
        "INSERT INTO release (project, merge, request) VALUES (%s, %s, %s)"
        " ON CONFLICT DO NOTHING RETURNING id",
        [project, merge, request],
    ).fetchone()
    if added is not None:
        tell(connection, outbox, added[0])


def claim(connection: Connection, projects: Iterable[str]) -> Release | None:
    """Take a due release of these projects for 30 s; None where no other worker left one."""
    claimed = connection.execute(
        """UPDATE release
           SET lease_until = now() + make_interval(secs => %(lease)s), attempts = attempts + 1
           WHERE id = (SELECT id FROM release
                       WHERE state = ANY(%(open)s) AND project = ANY(%(projects)s) AND due_at <= now()
                         AND (lease_until IS NULL OR lease_until < now())
                       ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
           RETURNING id""",
        {"lease": LEASE, "open": list(OPEN), "projects": list(projects)},
    ).fetchone()
    return None if claimed is None else get(connection, claimed[0])


def get(connection: Connection, release: int) -> Release:
    with connection.cursor(row_factory=class_row(Release)) as cursor:
        row = cursor.execute(_RELEASE, [release]).fetchone()
    assert row is not None
    return row


def renew(connection: Connection, release: int) -> None:
    connection.execute(
        "UPDATE release SET lease_until = now() + make_interval(secs => %s) WHERE id = %s", [LEASE, release]
    )


def wait(connection: Connection, outbox: Outbox, release: Release, reason: str) -> None:
    """Look again later; a release that has begun is visibly unfinished until then."""
    state = "waiting" if release.state == "waiting" else "unfinished"
    connection.execute(
        "UPDATE release SET state = %s, reason = %s, lease_until = NULL, due_at = now() + make_interval("
        "secs => least(%s, 2 ^ least(attempts, 10))) WHERE id = %s",
        [state, reason, LONGEST_PAUSE, release.id],
    )
    tell(connection, outbox, release.id)


def advance(connection: Connection, outbox: Outbox, release: int, state: str, reason: str = "") -> None:
    """Enter another state; the next step is due at once."""
    connection.execute(
        "UPDATE release SET state = %(state)s, reason = %(reason)s, lease_until = NULL, due_at = now(),"
        " attempts = 0, released_at = CASE WHEN %(state)s = 'released' THEN now() END WHERE id = %(id)s",
        {"state": state, "reason": reason, "id": release},
    )
    tell(connection, outbox, release)


def name_pull_request(connection: Connection, release: int, pull_request: int | None) -> None:
    """GitHub has told which pull request was merged."""
    connection.execute(
        "UPDATE release SET pull_request = coalesce(%s, pull_request) WHERE id = %s", [pull_request, release]
    )


def begin(connection: Connection, outbox: Outbox, release: int, collection: int) -> None:
    """It may be released: from here on it is, whatever crashes."""
    connection.execute("UPDATE release SET collection = %s WHERE id = %s", [collection, release])
    advance(connection, outbox, release, "releasing")


def to_publish(connection: Connection, release: Release, most: int) -> tuple[TakenFile, ...]:
    """Objects of the release's own run that are not verified yet; listings after everything else."""
    with connection.cursor(row_factory=class_row(TakenFile)) as cursor:
        found = cursor.execute(
            """SELECT output, place, media_type, size, md5, sha256 FROM stored_object AS object
               WHERE collection = %(collection)s AND NOT EXISTS (
                 SELECT 1 FROM released_object AS done WHERE done.release = %(release)s
                 AND done.output = object.output AND done.place = object.place)
               ORDER BY md5 LIKE '%%.dir', place LIMIT %(most)s""",
            {"collection": release.collection, "release": release.id, "most": most},
        ).fetchall()
    return tuple(found)


def published(connection: Connection, release: int, file: TakenFile) -> None:
    """The object's published bytes were read back and are right."""
    connection.execute(
        "INSERT INTO released_object (release, output, place) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        [release, file.output, file.place],
    )


def tell(connection: Connection, outbox: Outbox, release: int) -> None:
    """Report a release, where it is news and its pull request is known."""
    row = get(connection, release)
    if row.pull_request is None:
        return
    done, total = _files(connection, row)
    body = ReleaseReported(
        project=row.project,
        request=row.request,
        pull_request=row.pull_request,
        merge=row.merge,
        state=ReleaseState(row.state),
        reason=row.reason or None,
        files=done,
        bytes_done=sum(file.size for file in done),
        bytes_total=total,
        at=datetime.now(UTC),
    )
    report(connection, outbox, f"{row.project}/release/{row.merge}/{row.request}", body, heartbeat=None)


def _files(connection: Connection, release: Release) -> tuple[tuple[ReleasedFile, ...], int]:
    """The verified files, and the bytes of all."""
    rows = connection.execute(
        "SELECT object.place, md5, sha256, size, media_type, done.place IS NOT NULL"
        " FROM stored_object AS object LEFT JOIN released_object AS done"
        "   ON done.release = %s AND done.output = object.output AND done.place = object.place"
        " WHERE collection = %s ORDER BY object.place",
        [release.id, release.collection],
    ).fetchall()
    files = tuple(ReleasedFile(*row[:5]) for row in rows if row[5])
    return files, sum(row[3] for row in rows)


_RELEASE = """
SELECT id, project, merge, request, pull_request, collection, state, reason, released_at, attempts
FROM release WHERE id = %s"""
