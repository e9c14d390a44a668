"""Remote acts: recorded before they are tried, settled after; what nobody saw the end of is looked up.

    with attempt(...) as act:
        act.outcome = {"review": actor(by).review(...)}

Inside the block GitHub is asked, with no transaction open. An unknown outcome leaves the act `unknown`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from governance import audit
from governance.github.errors import DO_NOT_REPEAT, OutcomeUnknown
from governance.models import Person, Project, PullRequest, RemoteAct
from governance.work import ask
from lockgate.errors import Conflict, LockgateError

LOOK_UP_AFTER = timedelta(seconds=5)
State = RemoteAct.State


@dataclass(frozen=True)
class Intent:
    """What is about to be done. `key` says what would be the same act again."""

    kind: RemoteAct.Kind
    key: str
    by: Person
    project: Project | None
    pull_request: PullRequest | None
    target: Mapping[str, Any]
    subject: str


@contextmanager
def attempt(intent: Intent) -> Iterator[RemoteAct]:
    """Record the act, let the block try it, and settle it by how the block ended."""
    act = record(intent)
    try:
        yield act
    except OutcomeUnknown:
        settle(act, State.UNKNOWN, intent.subject)
        ask("settle_act", str(act.pk), at=timezone.now() + LOOK_UP_AFTER)
        raise
    except LockgateError as error:
        act.outcome = {"reason": error.what}
        settle(act, State.FAILED, intent.subject)
        raise
    settle(act, State.DONE, intent.subject)


def record(intent: Intent) -> RemoteAct:
    """Raises Conflict where the same act is under way, done, or of unknown outcome."""
    try:
        with transaction.atomic():
            act = RemoteAct.objects.create(
                kind=intent.kind,
                key=intent.key[:300],
                by=intent.by,
                project=intent.project,
                node=intent.pull_request.node if intent.pull_request else None,
                pull_request=intent.pull_request,
                target=dict(intent.target),
            )
            ask("settle_act", str(act.pk), at=timezone.now() + timedelta(minutes=2))
            return act
    except IntegrityError as error:
        raise Conflict("This is being done already.", next_step=DO_NOT_REPEAT) from error


@transaction.atomic
def settle(act: RemoteAct, state: str, subject: str) -> None:
    """Write how the act ended, with its audit row."""
    act.state = state
    act.settled_at = None if state == State.UNKNOWN else timezone.now()
    act.save(update_fields=["state", "outcome", "settled_at", "pull_request"])
    details = {**act.target, **act.outcome, "outcome": str(state)}
    audit.record(
        by=act.by,
        action=f"{act.kind}.{state}" if state != State.DONE else str(act.kind),
        project=act.project,
        subject=subject,
        details={key: value for key, value in details.items() if key not in ("body", "file")},
    )


def same(key: str) -> RemoteAct | None:
    """The act of this key that has not failed."""
    return RemoteAct.objects.filter(key=key[:300]).exclude(state=State.FAILED).first()
