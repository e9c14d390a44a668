"""The outbox: all that the portal's App writes on GitHub goes through here, one write at a time.

`put` wishes for a write; a newer wish of the same key replaces the earlier. What exactly is written is
settled only when its turn has come, so that nothing stale follows something newer. Each try is
recorded before it is made, and one whose end nobody saw is looked up before there is another.
Failures come back with growing pauses; a limit of GitHub's makes all of an installation wait.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import transaction
from django.db.models import F, Min
from django.utils import timezone

from governance.acts import end
from governance.github import pace
from governance.github.errors import OutcomeUnknown, RateLimited
from governance.models import Outgoing, PullRequest, RemoteAct
from governance.work import Gone, NotYet, ask, does, pause_after
from lockgate.errors import LockgateError

LOOK_UP_AFTER = timedelta(seconds=5)
MOST_SECONDS = 20.0
State = RemoteAct.State
Outcome = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """One write as it is to be made now. `send` takes the act's id, by which it can be found again."""

    kind: RemoteAct.Kind
    pull_request: PullRequest
    target: Mapping[str, Any]
    send: Callable[[str], Outcome]


class Writer(Protocol):
    """One kind of write. Only `Plan.send` writes on GitHub; `plan` and `find` may read there.

    `gives_up`: whether what GitHub refuses is over, rather than tried again later.
    """

    gives_up: bool

    def plan(self, target: Mapping[str, Any]) -> Plan | None:
        """What to write now; None where nothing is to be written any more. Raises Gone."""

    def find(self, act: RemoteAct) -> Outcome | None:
        """What became of a try whose end nobody saw; None where it did not happen."""

    def done(self, act: RemoteAct) -> None:
        """Write down what is so now, in the transaction that settles the act."""


WRITERS: dict[str, Writer] = {}


def put(kind: str, key: str, *, owner: str, target: Mapping[str, Any]) -> None:
    """Wish for a write by the installation on `owner`. Cheap, and safe within any transaction."""
    said = {"target": dict(target), "owner": owner, "due_at": timezone.now()}
    row, made = Outgoing.objects.get_or_create(kind=kind, key=key, defaults=said)
    if not made:  # what failed keeps its pause
        Outgoing.objects.filter(pk=row.pk).update(target=said["target"], wanted=F("wanted") + 1)
    ask("outbox", owner)


@does("outbox")
def send_due(owner: str) -> None:
    """Send what is due, as fast as the pace lets; the rest of it waits for its time."""
    ends = time.monotonic() + MOST_SECONDS
    while time.monotonic() < ends and (row := _next(owner)) is not None:
        _send(row)
    left = Outgoing.objects.filter(owner=owner).aggregate(at=Min("due_at"))["at"]
    if left is not None:
        raise NotYet(max(left, timezone.now()))


def send_now(kind: str, key: str) -> RemoteAct | None:
    """Try one write at once; None where it has to wait for its turn, or nothing was written."""
    row = Outgoing.objects.filter(kind=kind, key=key).first()
    try:
        return _send(row) if row is not None else None
    except NotYet:
        return None


def flush(kind: str, key: str, *, seconds: float) -> bool:
    """Wait for a write's turn and make it; False where it still waits after so many seconds."""
    ends = time.monotonic() + seconds
    while (row := Outgoing.objects.filter(kind=kind, key=key).first()) is not None:
        try:
            _send(row)
            return not Outgoing.objects.filter(pk=row.pk).exists()
        except NotYet as later:
            wait = (later.until - timezone.now()).total_seconds()
            if time.monotonic() + wait > ends:
                return False
            time.sleep(max(wait, 0))
    return True


def _next(owner: str) -> Outgoing | None:
    return Outgoing.objects.filter(owner=owner, due_at__lte=timezone.now()).order_by("due_at").first()


def _send(row: Outgoing) -> RemoteAct | None:
    """Make one write, if it is still to be made; the act that was tried. Raises NotYet."""
    with pace.turn(row.owner) as turn:
        held = Outgoing.objects.select_related("attempt").filter(pk=row.pk).first()
        if held is None:
            return None
        _later(held, timezone.now() + pause_after(held.attempts))  # now, for whatever breaks off
        writer = WRITERS[held.kind]
        try:
            _look_up(held, writer)
            plan = writer.plan(held.target)
        except Gone:
            plan = None
        except LockgateError as error:
            _keep_waiting(held, error)
            return None
        if plan is None:
            _finish(held)
            return None
        turn.use()
        return _try(held, writer, plan)


def _look_up(row: Outgoing, writer: Writer) -> None:
    """Settle the try before this one, where nobody saw how it ended."""
    act = row.attempt
    if act is None:
        return
    found = writer.find(act)
    act.outcome = found or {"reason": "It did not happen."}
    _settle(row, writer, act, State.FAILED if found is None else State.DONE)


def _try(row: Outgoing, writer: Writer, plan: Plan) -> RemoteAct:
    """Recorded, tried, settled."""
    act = _record(row, plan)
    try:
        act.outcome = plan.send(str(act.pk))
    except OutcomeUnknown as error:
        end(act, State.UNKNOWN)
        _later(row, timezone.now() + max(LOOK_UP_AFTER, pause_after(row.attempts)), error.what)
        return act
    except LockgateError as error:
        act.outcome = {"reason": error.what}
        _settle(row, writer, act, State.FAILED)
        if writer.gives_up and not error.retryable:
            _finish(row)
        else:
            _keep_waiting(row, error)
        return act
    _settle(row, writer, act, State.DONE)
    _finish(row)
    return act


@transaction.atomic
def _record(row: Outgoing, plan: Plan) -> RemoteAct:
    act = RemoteAct(
        kind=plan.kind,
        project=plan.pull_request.project,
        node=plan.pull_request.node,
        pull_request=plan.pull_request,
        target=dict(plan.target),
    )
    act.key = f"{plan.kind}:{act.pk}"
    act.save()
    row.attempt = act
    row.save(update_fields=["attempt"])
    return act


@transaction.atomic
def _settle(row: Outgoing, writer: Writer, act: RemoteAct, state: RemoteAct.State) -> None:
    """Nothing where another worker did: what it wrote stays, and what it tries since then."""
    if not end(act, state):
        return
    Outgoing.objects.filter(pk=row.pk, attempt=act).update(attempt=None)
    if state == State.DONE:
        writer.done(act)


def _finish(row: Outgoing) -> None:
    """Over, unless it was wished for again meanwhile."""
    done, _ = Outgoing.objects.filter(pk=row.pk, wanted=row.wanted).delete()
    if not done:
        Outgoing.objects.filter(pk=row.pk).update(due_at=timezone.now(), attempts=0, problem="")


def _keep_waiting(row: Outgoing, error: LockgateError) -> None:
    """Wait as long as GitHub asks for, where it does; then the others wait too."""
    if isinstance(error, RateLimited):
        _later(row, error.until, error.what)
        raise NotYet(error.until) from error
    _later(row, timezone.now() + pause_after(row.attempts), error.what)


def _later(row: Outgoing, due: datetime, problem: str = "") -> None:
    Outgoing.objects.filter(pk=row.pk).update(due_at=due, attempts=row.attempts + 1, problem=problem[:500])
