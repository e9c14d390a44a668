"""Keeps the newest decision with its facts while a pull request is open, and settles what its record says."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from governance.decisions.rows import State, record_row, rows_of, take_over, tells_nothing
from governance.mirrors import Mirror
from governance.models import DecisionRecord, PullRequest, RemoteAct
from governance.projection.listeners import on_pull_request
from governance.work import ask
from lockgate import canonical_json, policy
from lockgate.errors import Conflict, Invalid
from lockgate.formats import RecordedMerge, write_decision_record
from lockgate.policy import Decided, Decision, Facts, Merged

logger = logging.getLogger(__name__)
WORK = "record_decisions"
TOLD_WITHIN = timedelta(days=1)
"""A merge of which the portal saw nothing before is recorded, as unknown, only if it is no older."""


def keep(row: PullRequest, facts: Facts, decision: Decision, policy_blob: str | None) -> None:
    """Keep what was just decided, within the transaction that decides."""
    if row.project is None:
        return
    said = {
        "head": row.head_sha,
        "at": timezone.now().isoformat(),
        "policy_blob": policy_blob,
        "decision": json.loads(policy.to_json(decision)),
        "facts": policy.facts_to_plain(facts),
    }
    rows = rows_of(row.project, row.number).filter(state=State.OPEN)
    if not rows.update(last=said):
        DecisionRecord.objects.get_or_create(
            project=row.project.name, number=row.number, defaults={"last": said}
        )


@transaction.atomic
def bind(fresh: PullRequest) -> None:
    """A merge is about to be pressed on this decision, which is the newest: it is what the record will tell.

    Raises Conflict where it is decided otherwise meanwhile.
    """
    now = PullRequest.objects.select_for_update(of=("self",), no_key=True).get(pk=fresh.pk)
    if (now.head_sha, now.status) != (fresh.head_sha, fresh.status):
        raise Conflict("Not merged. What decides about it changed meanwhile.", next_step="See what changed.")
    if fresh.project is not None:
        rows_of(fresh.project, fresh.number).filter(state=State.OPEN).update(pressed=F("last"))


@on_pull_request
def learn(row: PullRequest, _mirror: Mirror) -> None:
    """The pull request is merged: settle its record, within the transaction that learns of it."""
    if row.state != PullRequest.State.MERGED or row.project is None or row.merged_at is None:
        return
    record = record_row(row.project, row.number)
    if record is None and timezone.now() - row.merged_at > TOLD_WITHIN:
        return
    record = record or DecisionRecord(project=row.project.name, number=row.number)
    if record.state == State.OPEN:
        _settle(record, row, row.merged_at)
        ask(WORK, row.project.name)
    take_over(record, row)


def _settle(record: DecisionRecord, row: PullRequest, merged_at: datetime) -> None:
    """What the record says from now on: never again is anything of it decided or read anew."""
    in_portal = _pressed_here(row)
    kept = record.pressed if in_portal and _is_of(record.pressed, row) else record.last
    merge = RecordedMerge(
        commit=row.merge_sha,
        by=row.merged_by.account_id if row.merged_by else None,
        at=merged_at,
        in_portal=in_portal,
    )
    merged = Merged(row.repository, row.number, row.base_ref, row.merge_base, row.head_sha, merge)
    try:
        said = policy.record_of(merged, _decided(kept) if kept and _is_of(kept, row) else None)
        text = write_decision_record(said).decode()
    except Invalid as error:  # the reading that tells of the merge must stand, whatever the record is
        logger.exception("No record of the decision on %s can be made", row)
        tells_nothing(record, f"No record of the decision could be made: {error.what}")
        return
    record.state, record.text, record.status, record.in_portal = State.PENDING, text, said.status, in_portal
    record.last = record.pressed = None
    record.save()


def _pressed_here(row: PullRequest) -> bool:
    """Whether who merged it had pressed merge for this head in the portal."""
    pressed = row.acts.filter(kind=RemoteAct.Kind.MERGE, target__head=row.head_sha)
    pressed = pressed.exclude(state=RemoteAct.State.FAILED)
    return row.merged_by is not None and pressed.filter(by=row.merged_by).exists()


def _is_of(kept: dict[str, Any] | None, row: PullRequest) -> bool:
    return kept is not None and kept["head"] == row.head_sha


def _decided(kept: dict[str, Any]) -> Decided:
    return Decided(
        decision=policy.from_json(canonical_json.dumps(kept["decision"])),
        facts=policy.facts_from_plain(kept["facts"]),
        at=datetime.fromisoformat(kept["at"]),
        policy_blob=kept["policy_blob"],
    )
