"""What the pages say of a merged pull request's record, in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from governance.decisions.rows import State, rows_of
from governance.models import DecisionRecord, PullRequest
from lockgate import canonical_json
from lockgate.formats import DECISIONS_BRANCH, UNKNOWN, record_path
from lockgate.policy import Decision, from_json

NO_RECORD = "Unknown: there is no record of a decision."


@dataclass(frozen=True)
class Shown:
    """`says` in full sentences; the decision as it was made; where the file is on GitHub, if it is there."""

    says: str
    decision: Decision | None = None
    path: str = ""
    address: str = ""


def shown(pull: PullRequest | None) -> Shown | None:
    """What there is to say; None for what is not merged, or is of a Node Repo."""
    if pull is None or pull.project is None or pull.state != PullRequest.State.MERGED:
        return None
    record = rows_of(pull.project, pull.number).defer("last", "pressed", "text").first()
    if record is None or record.state == State.OPEN:
        return Shown(NO_RECORD)
    decision = from_json(canonical_json.dumps(pull.decision)) if pull.decision else None
    if record.state == State.PENDING:
        return Shown(f"{_told(record)} {record.problem or 'It is being written to GitHub.'}", decision)
    path = record_path(pull.number)
    address = f"{settings.LOCKGATE.github_url}/{pull.repository}/blob/{DECISIONS_BRANCH}/{path}"
    return Shown(record.problem or _told(record), decision, path, address)


def _told(record: DecisionRecord) -> str:
    if record.status == UNKNOWN:
        return "Unknown: nothing had been decided on this head when it was merged."
    if record.in_portal:
        return f"Merged in Lockgate when it was {record.status}."
    return f"Merged past Lockgate, whose last word was: {record.status}."
