"""Rows of records: found by project and number, and what the pull request's own row takes from them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from governance.models import DecisionRecord, Project, PullRequest
from lockgate import canonical_json, formats
from lockgate.errors import Invalid
from lockgate.formats import FormatError, moment, read_decision_record, record_path
from lockgate.policy import OtherRules, why_it_differs

State = DecisionRecord.State
OTHER = "GitHub holds another record of this decision than Lockgate made. It was not overwritten."
OTHER_MERGE = "The record on GitHub is of another merge than this one."


def rows_of(project: Project, number: int) -> QuerySet[DecisionRecord]:
    return DecisionRecord.objects.filter(project=project.name, number=number)


def record_row(project: Project, number: int) -> DecisionRecord | None:
    """The row, locked."""
    return rows_of(project, number).select_for_update().first()


def take(record: DecisionRecord, data: bytes | None) -> None:
    """Make the row that of a file in Git (None: no plain file); what cannot be believed tells nothing."""
    record.last = record.pressed = None
    try:
        said = _believed(data, record.number)
    except Invalid as error:
        tells_nothing(record, f"The record on GitHub cannot be used: {error.what}")
        return
    assert data is not None
    record.state, record.problem, record.text = State.WRITTEN, "", data.decode()
    record.status, record.in_portal = said.status, said.merge.in_portal
    record.save()


def tells_nothing(record: DecisionRecord, problem: str) -> None:
    """There is something wrong with the record, and what was decided is unknown."""
    record.state, record.problem = State.DIFFERS, problem[:500]
    record.text, record.status, record.in_portal = "", formats.UNKNOWN, None
    record.last = record.pressed = None
    record.save()


def _believed(data: bytes | None, number: int) -> formats.DecisionRecord:
    """The record, which says nothing that does not follow from its facts. Raises Invalid."""
    if data is None:
        raise Invalid("it is no plain file, or too large.")
    try:
        said = read_decision_record(data, record_path(number))
        reason = why_it_differs(said)
    except FormatError as error:
        raise Invalid(f"{error.problems[0].reason}.") from error
    except OtherRules:
        return said  # made by the rules of its time: it stands as it is told
    if reason is not None:
        raise Invalid(f"{reason.rstrip('.')}.")
    return said


def take_over(record: DecisionRecord | None, row: PullRequest) -> None:
    """A merged pull request's decision is that of its record; without one of this merge it is unknown."""
    said = _of_this_merge(record, row) or {"decision": None, "decided_at": None, "status": ""}
    decided_at: datetime | None = moment(said["decided_at"]) if said["decided_at"] else None
    now = (said["decision"], said["status"] if said["decision"] else "", decided_at)
    if (row.decision, row.status, row.decided_at) != now:
        row.decision, row.status, row.decided_at = now
        row.save(update_fields=["decision", "status", "decided_at"])


def _of_this_merge(record: DecisionRecord | None, row: PullRequest) -> dict[str, Any] | None:
    if record is None or not record.text:
        return None
    said: dict[str, Any] = canonical_json.loads(record.text)
    if (said["head"], said["merge"]["commit"]) == (row.head_sha, row.merge_sha):
        return said
    record.state, record.problem = State.DIFFERS, OTHER_MERGE
    record.save()
    return None
