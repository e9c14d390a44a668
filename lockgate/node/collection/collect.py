"""The collector: one bounded step of one collection at a time, each restartable at any instruction."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lockgate.errors import LockgateError
from lockgate.formats import (
    DisclosureLimits,
    FormatError,
    JobRequest,
    OutputDeclaration,
    read_governance,
    read_job_request,
    read_job_type,
)
from lockgate.node import runs
from lockgate.node.code_repo import ProjectOnNode
from lockgate.node.collection import rows
from lockgate.node.collection.decision import Facts, Refuse, Take, Wait, decide
from lockgate.node.collection.errors import OutputRefused
from lockgate.node.collection.metadata import results_folder, write_metadata
from lockgate.node.collection.outputs import TakenFile, is_complete, stage, take_outputs
from lockgate.node.collection.propose import PullRequests, close_superseded, propose
from lockgate.node.collection.rows import Collection
from lockgate.node.database import Connection, Database
from lockgate.node.exchange import Outbox
from lockgate.node.runs import RunRow
from lockgate.node.storage import Store, object_key

GIVE_UP_AFTER = timedelta(minutes=10)
BATCH = 16
RUN_ID = re.compile(r"[0-9a-f][0-9a-f-]{7,63}", re.ASCII)
SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True)
class Wanted:
    """What a request asks for, read at its merge."""

    request: JobRequest
    outputs: Mapping[str, OutputDeclaration]
    limits: DisclosureLimits


@dataclass(frozen=True)
class Collector:
    """Takes outputs of approved runs, stores them and proposes them."""

    node: str
    database: Database
    outbox: Outbox
    pull_requests: PullRequests
    scratch: Path
    staging: Path

    def step(self, projects: Mapping[str, ProjectOnNode]) -> bool:
        """Do the next due step of these projects. Returns whether there was one."""
        with self.database.transaction() as connection:
            collection = rows.claim(connection, projects)
        if collection is None:
            return False
        try:
            self._advance(collection, projects[collection.project])
        except (OutputRefused, FormatError) as problem:
            self._refuse(collection, problem.what)
        except LockgateError as problem:
            with self.database.transaction() as connection:
                rows.wait(connection, self.outbox, collection, problem.what)
        return True

    def tidy(self, projects: Mapping[str, ProjectOnNode]) -> None:
        """Close the pull requests of attempts that a newer one replaced."""
        close_superseded(self, projects)

    def _advance(self, collection: Collection, on: ProjectOnNode) -> None:
        match collection.state:
            case "found":
                self._take(collection, on)
            case "storing":
                self._store(collection, on)
            case "proposing":
                propose(collection, on, self)

    def _take(self, collection: Collection, on: ProjectOnNode) -> None:
        """Decide whether the outputs are taken, and take them; nothing is stored yet."""
        with self.database.transaction() as connection:
            run = runs.find(connection, collection.run)
            newer = run is not None and rows.has_newer(connection, run)
        assert run is not None
        match decide(self._facts(collection, run, on, newer=newer)):
            case Refuse(reason):
                self._refuse(collection, reason)
            case Wait(reason):
                with self.database.transaction() as connection:
                    rows.wait(connection, self.outbox, collection, reason)
            case Take():
                self._stage(collection, run, on)

    def _stage(self, collection: Collection, run: RunRow, on: ProjectOnNode) -> None:
        """Copy, check and hash the outputs, and write down what is to be stored and proposed."""
        wanted = read_wanted(run, on)
        staging = self._staging(collection)
        shutil.rmtree(staging, ignore_errors=True)
        taken = take_outputs(self.scratch / run.id, wanted.outputs, wanted.limits, staging)
        media_types = {name: output.media_type for name, output in wanted.outputs.items()}
        metadata = write_metadata(self.node, run, wanted.request, taken, media_types)
        for listing, content in metadata.listings:
            stage(staging, listing.sha256, content)
        everything = (*taken, *(listing for listing, _ in metadata.listings))
        with self.database.transaction() as connection:
            rows.keep_taken(connection, collection.id, everything, metadata.files)
            rows.advance(connection, self.outbox, collection.id, "storing")

    def _facts(self, collection: Collection, run: RunRow, on: ProjectOnNode, *, newer: bool) -> Facts:
        """Cheapest first: GitHub is asked only about a merge on main that holds this very request."""
        well_formed = bool(
            RUN_ID.fullmatch(run.id) and RUN_ID.fullmatch(run.root) and SHA.fullmatch(run.merge)
        )
        of_the_sensor = well_formed and run.is_of_the_sensor
        on_main = of_the_sensor and on.main.holds(run.merge)
        blob = on.main.blob(run.merge, f"jobs/{run.request}.yaml") if on_main else None
        folder = results_folder(run.request, self.node)
        return Facts(
            node=self.node,
            request=run.request,
            blob=run.blob,
            of_the_sensor=of_the_sensor,
            on_main=on_main,
            blob_at_merge=blob,
            judgement=on.main.judge(run.merge) if blob == run.blob and on_main else None,
            has_results=on_main and bool(on.main.paths(on.main.tip(), folder)),
            newer=newer,
            complete=well_formed and is_complete(self.scratch, run.id),
            given_up=datetime.now(UTC) - collection.found_at > GIVE_UP_AFTER,
        )

    def _store(self, collection: Collection, on: ProjectOnNode) -> None:
        """Store a batch of objects; the next batch, or the proposal, is due at once."""
        with self.database.transaction() as connection:
            due = rows.to_store(connection, collection.id, BATCH)
        staging = self._staging(collection)
        for file in due:
            if not (staging / file.sha256).exists():
                return self._advance_to(collection, "found")
            store_object(on.internal, object_key(collection.project, file.md5), file, staging / file.sha256)
            with self.database.transaction() as connection:
                rows.stored(connection, collection.id, file)
                rows.renew(connection, collection.id)
        if len(due) == BATCH:
            return self._advance_to(collection, "storing")
        self._advance_to(collection, "proposing")
        shutil.rmtree(staging, ignore_errors=True)
        return None

    def _staging(self, collection: Collection) -> Path:
        return self.staging / str(collection.id)

    def _advance_to(self, collection: Collection, state: str) -> None:
        with self.database.transaction() as connection:
            rows.advance(connection, self.outbox, collection.id, state)

    def _refuse(self, collection: Collection, reason: str) -> None:
        shutil.rmtree(self._staging(collection), ignore_errors=True)
        with self.database.transaction() as connection:
            rows.advance(connection, self.outbox, collection.id, "refused", reason)


def read_wanted(run: RunRow, on: ProjectOnNode) -> Wanted:
    """The request and its job type at the merge, the limits at its first parent. Raises FormatError."""
    path = f"jobs/{run.request}.yaml"
    request = read_job_request(on.main.read(run.merge, path) or b"", path)
    path = f"job_types/{request.job}.json"
    job_type = read_job_type(on.main.read(run.merge, path) or b"", path)
    governance = read_governance(on.main.read(f"{run.merge}^1", "governance.yaml") or b"")
    declared = {output.name: output for output in job_type.outputs}
    missing = sorted(set(request.outputs) - set(declared))
    if missing:
        raise OutputRefused(f"The job type does not declare {', '.join(missing)}.")
    chosen = {name: declared[name] for name in request.outputs}
    return Wanted(request, chosen, governance.disclosure)


def store_object(store: Store, key: str, file: TakenFile, content: Path) -> None:
    """Put an object where its md5 says, unless it is there; another content of that md5 is refused."""
    there = store.look(key)
    if there is None:
        with content.open("rb") as source:
            store.put(key, source)
        there = store.look(key)
    if there is None or (there.sha256, there.size) != (file.sha256, file.size):
        raise OutputRefused(f"{file.place}: the storage holds another object of the same md5.")


def note_success(connection: Connection, outbox: Outbox, run: RunRow) -> None:
    """A run has succeeded: its outputs are due, if it is of a request at all."""
    if run.is_of_the_sensor and rows.add(connection, run):
        collection = rows.by_root(connection, run.project, run.request, run.root)
        if collection is not None:
            rows.tell(connection, outbox, collection.id)
