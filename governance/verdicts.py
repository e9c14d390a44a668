"""Verdicts: the decision on an open pull request, stored, and posted as the check run `lockgate/policy`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from governance import audit
from governance.facts import gather
from governance.github import reader
from governance.github.port import NewCheck
from governance.models import CheckRun, Node, Project, PullRequest, RemoteAct
from governance.places import change_subject
from governance.projection import refresh
from governance.work import Gone
from lockgate import policy
from lockgate.policy import POLICY_CHECK, Decision, Status

OPEN = PullRequest.State.OPEN
POST_LOCK = 7003


def look(place: Project | Node, number: int, *, makers_again: bool = False) -> PullRequest:
    """Read the pull request, decide on it and post the check where it changed. Raises Gone without one."""
    pull_request = refresh(place, number, makers_again=makers_again)
    if pull_request is None:
        raise Gone
    return judge(pull_request)


def judge(pull_request: PullRequest) -> PullRequest:
    """Decide on a pull request that was just read, and post the check where it changed."""
    if pull_request.state != OPEN:
        return pull_request
    pull_request = decide(pull_request, portal_account=reader().app_account().id)
    post(pull_request)
    return pull_request


@transaction.atomic
def decide(pull_request: PullRequest, *, portal_account: int) -> PullRequest:
    """Decide on what the row holds now, whoever read it last, and keep that; a new status is an audit row.

    Facts are gathered under the row's lock, so that of two who decide the one on newer facts stays.
    """
    row = PullRequest.objects.select_for_update().get(pk=pull_request.pk)
    if row.state != OPEN:
        return row
    decision = policy.decide(gather(row, portal_account=portal_account))
    said = json.loads(policy.to_json(decision))
    if row.decision == said:
        return row
    before, row.decision, row.status = row.status, said, str(decision.status)
    row.decided_at = timezone.now()
    row.save(update_fields=["decision", "status", "decided_at"])
    if before != row.status:
        audit.record(
            by=None,
            action="policy.decided",
            project=row.project,
            subject=change_subject(row),
            details={"head": row.head_sha, "status": row.status, "reason": decision.reason},
        )
    return row


def decision_of(pull_request: PullRequest) -> Decision | None:
    """The stored decision; None before the first."""
    return policy.from_json(json.dumps(pull_request.decision)) if pull_request.decision else None


def post(pull_request: PullRequest) -> None:
    """Post the check run if GitHub's newest one says something else.

    Only while a pull request with this head is open and none with it was merged: a merge past the
    gate never turns green. Of several open ones on the head the worst decision is posted. One at a
    time posts on a head, and reads what to post only then: the newest check is the newest decision.
    """
    with _alone(pull_request.head_sha):
        twins = list(_with_the_same_head(pull_request))
        if any(twin.state == PullRequest.State.MERGED for twin in twins):
            return
        wanted = _wanted(pull_request, [twin for twin in twins if twin.state == OPEN])
        newest = pull_request.checks.filter(name=POLICY_CHECK, app_id=settings.LOCKGATE.app_id).last()
        if newest is None or not _says(newest, wanted):
            _post(pull_request, wanted)


@contextmanager
def _alone(head: str) -> Iterator[None]:
    """An advisory lock of the session, for GitHub is asked under it and no transaction is open then."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", [POST_LOCK, head])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", [POST_LOCK, head])


def _with_the_same_head(pull_request: PullRequest) -> QuerySet[PullRequest]:
    place = {"project": pull_request.project} if pull_request.project else {"node": pull_request.node}
    return PullRequest.objects.filter(**place, head_sha=pull_request.head_sha)


def _wanted(pull_request: PullRequest, open_ones: list[PullRequest]) -> NewCheck:
    nothing = Decision(Status.WAITING, "policy", "Lockgate has not looked at it yet.", acts="Lockgate")
    decision = policy.worst(decision_of(each) or nothing for each in open_ones)
    word = policy.conclusion(decision)
    return NewCheck(
        name=POLICY_CHECK,
        head_sha=pull_request.head_sha,
        status="in_progress" if word == "in_progress" else "completed",
        conclusion="" if word == "in_progress" else word,
        title=f"{decision.status.capitalize()}: {decision.reason}"[:250],
        summary=summary_of(decision),
        details_url=settings.LOCKGATE.url,
        external_id="",
    )


def summary_of(decision: Decision) -> str:
    """The tree as a Markdown list: every rule, how it stands, and why."""
    lines: list[str] = []
    _list(decision, 0, lines)
    return "\n".join(lines)[:60_000]


def _list(decision: Decision, depth: int, lines: list[str]) -> None:
    lines.append(f"{'  ' * depth}- **{decision.status}** {decision.rule}: {decision.reason}")
    for child in decision.children:
        _list(child, depth + 1, lines)


def _says(posted: CheckRun, wanted: NewCheck) -> bool:
    return (posted.status, posted.conclusion, posted.summary) == (
        wanted.status,
        wanted.conclusion,
        wanted.summary,
    )


def _post(pull_request: PullRequest, wanted: NewCheck) -> None:
    """Recorded before it is tried. If the outcome is unknown the next look sees what GitHub has."""
    act = RemoteAct(
        kind=RemoteAct.Kind.POST_CHECK,
        project=pull_request.project,
        node=pull_request.node,
        pull_request=pull_request,
        target={"head": wanted.head_sha, "status": wanted.status, "conclusion": wanted.conclusion},
    )
    act.key = f"post_check:{act.pk}"
    act.save()
    posted = reader().post_check(pull_request.repository, _with_id(wanted, act))
    with transaction.atomic():
        act.state, act.outcome, act.settled_at = RemoteAct.State.DONE, {"check": posted}, timezone.now()
        act.save()
        PullRequest.objects.filter(pk=pull_request.pk).update(
            posted_head=wanted.head_sha, posted_conclusion=wanted.conclusion or wanted.status
        )
        CheckRun.objects.update_or_create(
            pull_request=pull_request,
            remote_id=posted,
            defaults={
                "head_sha": wanted.head_sha,
                "name": wanted.name,
                "app_id": settings.LOCKGATE.app_id,
                "status": wanted.status,
                "conclusion": wanted.conclusion,
                "summary": wanted.summary,
            },
        )


def _with_id(wanted: NewCheck, act: RemoteAct) -> NewCheck:
    return replace(wanted, external_id=str(act.pk))
