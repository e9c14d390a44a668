"""Bringing a branch up to date: the portal's App merges the base into it, through the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from governance import audit, outbox
from governance.eligibility import is_behind
from governance.github import reader
from governance.models import Person, PullRequest, RemoteAct
from governance.places import change_subject, place_of
from governance.projection import refresh
from governance.work import Gone, ask

UPDATE_BRANCH = "update_branch"


def update_branch(pull_request: PullRequest, *, by: Person) -> RemoteAct | None:
    """Wish for it, and try it at once; None where it has to wait for its turn."""
    subject = change_subject(pull_request)
    target = {"change": subject, "head": pull_request.head_sha}
    with transaction.atomic():
        audit.record(
            by=by,
            action="bring_up_to_date",
            project=pull_request.project,
            subject=subject,
            details={"head": pull_request.head_sha, "base": pull_request.base_sha},
        )
        owner = pull_request.repository.partition("/")[0]
        outbox.put(UPDATE_BRANCH, subject, owner=owner, target=target)
    return outbox.send_now(UPDATE_BRANCH, subject)


class BranchUpdate:
    """Only while the head is the one that was seen: somebody who pushes meanwhile wins."""

    gives_up = True

    def plan(self, target: Mapping[str, Any]) -> outbox.Plan | None:
        row = _read(target["change"])
        if row.head_sha != target["head"] or not is_behind(row):
            return None

        def send(_: str) -> outbox.Outcome:
            reader().update_branch(row.repository, row.number, row.head_sha)
            return {}

        return outbox.Plan(RemoteAct.Kind.UPDATE_BRANCH, row, target, send)

    def find(self, act: RemoteAct) -> outbox.Outcome | None:
        row = _read(act.target["change"])
        moved = row.head_sha != act.target["head"] and not is_behind(row)
        return {"head": row.head_sha} if moved else None

    def done(self, act: RemoteAct) -> None:
        ask("look", act.target["change"])


outbox.WRITERS[UPDATE_BRANCH] = BranchUpdate()


def _read(subject: str) -> PullRequest:
    """The pull request as GitHub has it now. Raises Gone."""
    row = refresh(place_of(subject), int(subject.split(":")[2]))
    if row is None:
        raise Gone
    return row
