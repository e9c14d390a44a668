"""Reads the records of a project back from Git, as a rebuild does: what stands there is what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from governance.decisions.rows import OTHER, State, take, take_over, tells_nothing
from governance.github import reader
from governance.mirrors import mirror
from governance.models import DecisionRecord, Project, PullRequest
from lockgate.formats import DECISIONS_BRANCH, DECISIONS_FOLDER, LARGEST_RECORD, UNKNOWN, recorded_number

GONE = "Unknown: the record of the decision was written, and is gone from GitHub."


@dataclass(frozen=True)
class ReadBack:
    """How many records were read, and the numbers of those that cannot be used."""

    records: int
    unusable: tuple[int, ...]


def read_back(project: Project) -> ReadBack:
    """Make the rows of records those of the branch, and take them over into merged pull requests.

    A merged pull request without a record has no decision: it is unknown, and nothing is decided anew. What
    waits to be written still waits. What was written here and is another, or gone, is a problem that stays.
    Raises what the mirror and GitHub raise; nothing has changed then.
    """
    found = _in_git(project)
    return _write(project, found)


def _in_git(project: Project) -> Mapping[int, bytes | None]:
    here = mirror(project.code_repo)
    here.fetch(reader().git_token(project.code_repo))
    tip = here.tip(DECISIONS_BRANCH)
    if tip is None:
        return {}
    files = here.read_all(tip, DECISIONS_FOLDER, most=LARGEST_RECORD)
    return {number: data for name, data in files if (number := recorded_number(name)) is not None}


@transaction.atomic
def _write(project: Project, found: Mapping[int, bytes | None]) -> ReadBack:
    merged = project.pull_requests.filter(state=PullRequest.State.MERGED).order_by("number")
    changes = list(merged.select_for_update(no_key=True))  # before the records, as wherever both are locked
    rows = DecisionRecord.objects.filter(project=project.name)
    known = {row.number: row for row in rows.select_for_update()}
    for number in sorted(found.keys() - known.keys()):
        known[number] = DecisionRecord(project=project.name, number=number)
    for number, record in known.items():
        if number in found:
            _compare(record, found[number])
        elif record.state == State.WRITTEN:
            tells_nothing(record, GONE)
    for row in changes:
        take_over(known.get(row.number), row)
    return ReadBack(
        len(found),
        tuple(rows.filter(state=State.DIFFERS).order_by("number").values_list("number", flat=True)),
    )


def _compare(record: DecisionRecord, data: bytes | None) -> None:
    """What was decided here stands, and says where Git has another; else Git is believed."""
    pending = record.state == State.PENDING
    if not record.text or (pending and record.status == UNKNOWN):
        take(record, data)
    elif not pending:
        same = data == record.text.encode()
        record.state, record.problem = (State.WRITTEN, "") if same else (State.DIFFERS, OTHER)
        record.save()
