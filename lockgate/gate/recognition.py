"""What a pull request was about, without judging it: for those that are over."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lockgate.formats import FormatError, Kind, read_job_request
from lockgate.gate import result_place
from lockgate.gate.changes import Change, changes_between
from lockgate.gate.kind import kind_in_code_repo, kind_in_node_repo, one_kind
from lockgate.gate.objects import Objects, open_objects
from lockgate.gate.paths import job_id


@dataclass(frozen=True)
class Subject:
    """The kind of a change, the request that it is about and the nodes that it names."""

    kind: Kind | None
    request: str | None = None
    nodes: tuple[str, ...] = ()


def recognise(repo: Path, *, merge_base: str, head: str, in_code_repo: bool) -> Subject:
    """Say what the range is about; `kind` None where it is of no one kind. Raises CannotTell."""
    with open_objects(repo) as objects:
        changes = changes_between(objects, merge_base, head)
        if not in_code_repo:
            return Subject(one_kind(kind_in_node_repo(change) for change in changes))
        kind = one_kind(kind_in_code_repo(objects, change) for change in changes)
        if kind is Kind.JOB_REQUEST:
            return _request(objects, changes)
    place = result_place.place_of(changes)
    if kind in (Kind.RESULT_PUBLICATION, Kind.WITHDRAWAL) and place is not None:
        return Subject(kind, place.request, (place.node,))
    return Subject(kind)


def _request(objects: Objects, changes: tuple[Change, ...]) -> Subject:
    change = changes[0]
    data = objects.small([change.new_blob]).get(change.new_blob) if change.added else None
    if len(changes) > 1 or data is None or job_id(change.path) is None:
        return Subject(Kind.JOB_REQUEST)
    try:
        request = read_job_request(data, change.path)
    except FormatError:
        return Subject(Kind.JOB_REQUEST)
    return Subject(Kind.JOB_REQUEST, request.id, request.nodes)
