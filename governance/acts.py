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
UNSETTLED = (State.RECORDED, State.UNKNOWN)


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
        if settle(act, State.UNKNOWN, intent.subject):
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
def settle(act: RemoteAct, state: str, subject: str) -> bool:
    """Write how the act ended, with its audit row. False where somebody else did: what they wrote stays."""
    if not end(act, state):
        act.refresh_from_db()
        return False
    details = {**act.target, **act.outcome, "outcome": str(state)}
    audit.record(
        by=act.by,
        action=f"{act.kind}.{state}" if state != State.DONE else str(act.kind),
        project=act.project,
        subject=subject,
        details={key: value for key, value in details.items() if key not in ("body", "file")},
    )
    return True


def end(act: RemoteAct, state: str) -> bool:
    """Write how the act ended, unless that stands there already: who was slower writes nothing."""
    act.state = state
    act.settled_at = None if state == State.UNKNOWN else timezone.now()
    values = {"state": state, "outcome": act.outcome, "settled_at": act.settled_at}
    open_ones = RemoteAct.objects.filter(pk=act.pk, state__in=UNSETTLED)
    return bool(open_ones.update(**values, pull_request=act.pull_request))


def same(key: str) -> RemoteAct | None:
    """The act of this key that has not failed."""
    return RemoteAct.objects.filter(key=key[:300]).exclude(state=State.FAILED).first()
