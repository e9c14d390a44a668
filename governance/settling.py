"""Looks up what became of acts whose outcome nobody saw: GitHub's rows tell whether they happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from governance.acts import UNSETTLED, settle
from governance.models import PullRequest, RemoteAct
from governance.opening import finish, opened_as
from governance.places import change_subject
from governance.verdicts import look
from governance.work import Gone, does
from lockgate.errors import LockgateError

CLOCKS_DIFFER = timedelta(seconds=60)
Kind = RemoteAct.Kind
State = RemoteAct.State
REVIEW_STATES = {Kind.APPROVE: "approved", Kind.REQUEST_CHANGES: "changes_requested"}


@does("settle_act")
def settle_act(subject: str) -> None:
    """Settle one act of a person, where its outcome is not known yet; the outbox settles its own."""
    unsettled = RemoteAct.objects.filter(state__in=UNSETTLED, by__isnull=False)
    act = unsettled.filter(pk=subject).first()
    if act is None:
        raise Gone
    if act.kind == Kind.OPEN_REQUEST:
        _finish_opening(act)
        return
    assert act.pull_request is not None
    fresh = look(act.pull_request.place, act.pull_request.number)
    happened = LOOKED_UP[Kind(act.kind)](act, fresh)
    settle(act, State.DONE if happened else State.FAILED, change_subject(fresh))


def _finish_opening(act: RemoteAct) -> None:
    """What is left is done in the person's name; where that cannot be any more, it is only looked up."""
    try:
        finish(act)
    except LockgateError as error:
        if error.retryable:
            raise
        number = opened_as(act)
        act.outcome = {"reason": error.what} if number is None else {"pull_request": number}
        state = State.FAILED if number is None else State.DONE
        settle(act, state, f"{act.project}/{act.target['request']}")


def _merged(act: RemoteAct, fresh: PullRequest) -> bool:
    if fresh.state == PullRequest.State.MERGED and fresh.head_sha == act.target["head"]:
        act.outcome = {"merge": fresh.merge_sha}
        return True
    return False


def _reviewed(act: RemoteAct, fresh: PullRequest) -> bool:
    found = fresh.reviews.filter(
        author=act.by,
        state=REVIEW_STATES[Kind(act.kind)],
        head_sha=act.target["head"],
        submitted_at__gte=act.recorded_at - CLOCKS_DIFFER,
    ).last()
    if found is not None:
        act.outcome = {"review": found.remote_id}
    return found is not None


def _commented(act: RemoteAct, fresh: PullRequest) -> bool:
    return fresh.comments.filter(
        author=act.by, body=act.target["body"], created_at__gte=act.recorded_at - CLOCKS_DIFFER
    ).exists()


def _closed(_act: RemoteAct, fresh: PullRequest) -> bool:
    return fresh.state == PullRequest.State.CLOSED


LOOKED_UP: dict[RemoteAct.Kind, Callable[[RemoteAct, PullRequest], bool]] = {
    Kind.MERGE: _merged,
    Kind.APPROVE: _reviewed,
    Kind.REQUEST_CHANGES: _reviewed,
    Kind.COMMENT: _commented,
    Kind.CLOSE: _closed,
}
