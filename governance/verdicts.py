"""Verdicts: the decision on an open pull request, stored, and posted as the check run `lockgate/policy`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from governance import audit, outbox
from governance.decisions.keeping import keep
from governance.facts import gather, main_of, policy_blob
from governance.github import reader
from governance.github.port import NewCheck
from governance.models import CheckRun, Node, Project, PullRequest, RemoteAct
from governance.places import change_subject, place_of, subject_of
from governance.projection import read_worn_teams, refresh
from governance.work import Gone
from lockgate import policy
from lockgate.policy import POLICY_CHECK, Decision, Status

OPEN = PullRequest.State.OPEN
POST_CHECK = "post_check"
FRESH = timedelta(seconds=10)
LONGEST_WAIT = 4.0  # seconds that somebody who presses waits for the check's turn


def look(place: Project | Node, number: int, *, makers_again: bool = False) -> PullRequest:
    """Read the pull request, decide on it and post the check where it changed. Raises Gone without one."""
    pull_request = refresh(place, number, makers_again=makers_again)
    if pull_request is None:
        raise Gone
    return judge(pull_request)


def judge(pull_request: PullRequest, *, teams_read: bool = False) -> PullRequest:
    """Decide on a pull request that was just read, and post the check where it changed.

    `teams_read`: its project's worn teams were read just now, together with those of others.
    """
    if pull_request.state != OPEN:
        return pull_request
    if not teams_read and pull_request.project is not None:
        read_worn_teams([pull_request.project])
    pull_request = decide(pull_request, portal_account=reader().app_account().id)
    post(pull_request)
    return pull_request


@transaction.atomic
def decide(pull_request: PullRequest, *, portal_account: int) -> PullRequest:
    """Decide on what the row holds now, whoever read it last, and keep that; a new status is an audit row.

    Facts are gathered under the row's lock, so that of two who decide the one on newer facts stays.
    """
    row = PullRequest.objects.select_for_update(no_key=True).get(pk=pull_request.pk)
    if row.state != OPEN:
        return row
    main = main_of(row)
    facts = gather(row, portal_account=portal_account, main=main)
    decision = policy.decide(facts)
    keep(row, facts, decision, policy_blob(row, main))
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
    """Post the check run if GitHub's newest one says something else; at once, where it has its turn."""
    if PolicyCheck().plan(_target(pull_request)) is not None:
        wish_to_post(pull_request)
        outbox.send_now(POST_CHECK, _key(pull_request))


def wish_to_post(pull_request: PullRequest) -> None:
    """Leave it to the worker to post the check run, if GitHub's newest one then says something else."""
    owner, target = pull_request.repository.partition("/")[0], _target(pull_request)
    outbox.put(POST_CHECK, _key(pull_request), owner=owner, target=target)


def _target(pull_request: PullRequest) -> dict[str, str]:
    return {"place": subject_of(pull_request.place), "head": pull_request.head_sha}


def is_posted(pull_request: PullRequest) -> bool:
    """Whether GitHub has the check as it was decided; waits a little for the check's turn."""
    return outbox.flush(POST_CHECK, _key(pull_request), seconds=LONGEST_WAIT)


def _key(pull_request: PullRequest) -> str:
    """One wish for each repository, head and check."""
    return f"{pull_request.repository}:{pull_request.head_sha}:{POLICY_CHECK}"


class PolicyCheck:
    """The check run `lockgate/policy` on a head.

    Only while a pull request with this head is open and none with it was merged: a merge past the
    gate never turns green. Of several open ones on the head the worst decision is posted. What is
    posted is read when its turn has come, and no older than `FRESH`.
    """

    gives_up = False

    def plan(self, target: Mapping[str, Any]) -> outbox.Plan | None:
        place, head = place_of(target["place"]), target["head"]
        rows = [_fresh(row) for row in place.pull_requests.filter(head_sha=head, state=OPEN)]
        if place.pull_requests.filter(head_sha=head, state=PullRequest.State.MERGED).exists():
            return None
        still_open = [row for row in rows if row.state == OPEN and row.head_sha == head]
        if not still_open:
            return None
        wanted = _wanted(head, still_open)
        newest = CheckRun.objects.filter(
            pull_request__in=still_open, name=POLICY_CHECK, app_id=settings.LOCKGATE.app_id, head_sha=head
        ).order_by("remote_id")
        if _says(newest.last(), wanted):
            return None
        return _posting(still_open[0], wanted)

    def find(self, act: RemoteAct) -> outbox.Outcome | None:
        assert act.pull_request is not None
        repo, head = act.pull_request.repository, act.target["head"]
        found = reader().find_check(repo, head, POLICY_CHECK, str(act.pk))
        return {"check": found} if found else None

    def done(self, act: RemoteAct) -> None:
        """Known on every open pull request of the head, before it is read back; each is locked, as by who
        reads it, or both would write the same row."""
        assert act.pull_request is not None
        said = {key: act.target[key] for key in ("status", "conclusion", "summary")}
        said |= {"head_sha": act.target["head"], "name": POLICY_CHECK, "app_id": settings.LOCKGATE.app_id}
        rows = act.pull_request.place.pull_requests.filter(head_sha=act.target["head"], state=OPEN)
        for row in rows.order_by("pk").select_for_update(no_key=True):
            row.checks.update_or_create(remote_id=act.outcome["check"], defaults=said)


outbox.WRITERS[POST_CHECK] = PolicyCheck()


def _fresh(row: PullRequest) -> PullRequest:
    """The row, read and decided on again where its reading is not of this moment."""
    if timezone.now() - row.read_at < FRESH:
        return row
    read = refresh(row.place, row.number)
    return decide(read, portal_account=reader().app_account().id) if read is not None else row


def _posting(pull_request: PullRequest, wanted: NewCheck) -> outbox.Plan:
    repo = pull_request.repository
    return outbox.Plan(
        kind=RemoteAct.Kind.POST_CHECK,
        pull_request=pull_request,
        target={
            "head": wanted.head_sha,
            "status": wanted.status,
            "conclusion": wanted.conclusion,
            "summary": wanted.summary,
        },
        send=lambda act: {"check": reader().post_check(repo, replace(wanted, external_id=act))},
    )


def _wanted(head: str, open_ones: list[PullRequest]) -> NewCheck:
    nothing = Decision(Status.WAITING, "policy", "Lockgate has not looked at it yet.", acts="Lockgate")
    decision = policy.worst_to_post(decision_of(each) or nothing for each in open_ones)
    word = policy.conclusion(decision)
    return NewCheck(
        name=POLICY_CHECK,
        head_sha=head,
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


def _says(posted: CheckRun | None, wanted: NewCheck) -> bool:
    return posted is not None and (posted.status, posted.conclusion, posted.summary) == (
        wanted.status,
        wanted.conclusion,
        wanted.summary,
    )
