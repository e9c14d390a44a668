"""`decisions/<number>.json` on the branch `lockgate/decisions`: what was decided about a merged pull request.

One canonical JSON text for one record, so that the same decision is the same bytes. `decision` and `facts`
are the JSON of `lockgate.policy`, which re-derives the one from the other. Where nothing was decided at the
merged head both are None and the status is `unknown`: it is never made up afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lockgate import canonical_json
from lockgate.errors import Invalid
from lockgate.formats.kinds import Kind
from lockgate.formats.problems import JSON, FormatError, Problem
from lockgate.formats.schema import read_json_shape
from lockgate.formats.times import moment, stamp

DECISIONS_BRANCH = "lockgate/decisions"
DECISIONS_FOLDER = "decisions"
UNKNOWN = "unknown"
LARGEST_RECORD = 4 * 1024 * 1024
_NAME = re.compile(r"(?P<number>[1-9][0-9]{0,9})\.json", re.ASCII)


@dataclass(frozen=True)
class Vote:
    """The last word of one account: a review's id and state, and the head it was given for, where known."""

    account: int
    state: str
    review: int
    head: str | None
    submitted: datetime


@dataclass(frozen=True)
class RecordedMerge:
    """The merge itself. `by` is an account id, None where GitHub names none; `in_portal` False: past it."""

    commit: str
    by: int | None
    at: datetime
    in_portal: bool


@dataclass(frozen=True)
class Versions:
    """What decided: the release of Lockgate, and the version of the rules of `lockgate.policy`."""

    lockgate: str
    policy: int


@dataclass(frozen=True)
class DecisionRecord:
    """One merged pull request of `repository` (owner/name); `base_ref`, `merge_base` and `head` as it merged.

    `policy_blob` is the governance.yaml that was in force; `decided_at` when the facts were put together.
    """

    version: int
    repository: str
    pull_request: int
    kind: Kind | None
    base_ref: str
    merge_base: str
    head: str
    merge: RecordedMerge
    status: str
    decided_at: datetime | None
    decision: Mapping[str, JSON] | None
    facts: Mapping[str, JSON] | None
    policy_blob: str | None
    votes: tuple[Vote, ...]
    versions: Versions


def record_path(number: int) -> str:
    """Where the record of this pull request stands on its branch."""
    return f"{DECISIONS_FOLDER}/{number}.json"


def recorded_number(name: str) -> int | None:
    """The number of the pull request whose record a file of this name is; None for another file."""
    match = _NAME.fullmatch(name)
    return int(match["number"]) if match else None


def read_decision_record(data: bytes, source: str) -> DecisionRecord:
    """Read a record, whose file must bear its number; raises FormatError with every problem found."""
    if len(data) > LARGEST_RECORD:
        raise _refused(source, f"the file is larger than {LARGEST_RECORD} bytes")
    value = read_json_shape("decision_record", data, source)
    record = _record(value, source)
    if recorded_number(source.rsplit("/", 1)[-1]) != record.pull_request:
        raise _refused(source, "`pull_request` must be the name of the file without .json")
    if (record.decision is None, record.facts is None) != ((record.status == UNKNOWN),) * 2:
        raise _refused(source, "`decision` and `facts` must both be there, or neither and the status unknown")
    if record.decision is not None and record.decision["status"] != record.status:
        raise _refused(source, "`status` is not that of the decision")
    if canonical_json.dumps(value).encode() != data:
        raise _refused(source, "the file is not canonical JSON")
    return record


def write_decision_record(record: DecisionRecord) -> bytes:
    """The canonical file of `record`; raises FormatError where reading it back would, or Invalid."""
    value: dict[str, Any] = {
        **vars(record),
        "merge": {**vars(record.merge), "at": stamp(record.merge.at)},
        "decided_at": None if record.decided_at is None else stamp(record.decided_at),
        "votes": [{**vars(vote), "submitted": stamp(vote.submitted)} for vote in record.votes],
        "versions": vars(record.versions),
    }
    data = canonical_json.dumps(value).encode()
    read_decision_record(data, record_path(record.pull_request))
    return data


def _record(value: dict[str, Any], source: str) -> DecisionRecord:
    try:
        return DecisionRecord(
            **value
            | {
                "kind": None if value["kind"] is None else Kind(value["kind"]),
                "merge": RecordedMerge(**value["merge"] | {"at": moment(value["merge"]["at"])}),
                "decided_at": None if value["decided_at"] is None else moment(value["decided_at"]),
                "votes": tuple(
                    Vote(**vote | {"submitted": moment(vote["submitted"])}) for vote in value["votes"]
                ),
                "versions": Versions(**value["versions"]),
            }
        )
    except Invalid as error:
        raise _refused(source, "a time is in no calendar") from error


def _refused(source: str, reason: str) -> FormatError:
    return FormatError([Problem(source, None, reason)])
