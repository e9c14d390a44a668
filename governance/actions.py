"""What people do: request, approve, ask for changes, comment, merge, close. Each in their own name on GitHub.

Before anything is decided GitHub is read again; what was seen on the page (`head`) must still be so.
Each raises the families of `lockgate.errors`; the sentences are for the page.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.utils import timezone

from governance.acts import Intent, attempt, same
from governance.decisions import bind
from governance.eligibility import OVER, why_not_approve, why_not_bring_up_to_date, why_not_merge
from governance.github import actor
from governance.github.errors import DO_NOT_REPEAT, GitHubConflict, GitHubUnavailable, OutcomeUnknown
from governance.models import Person, Project, PullRequest, RemoteAct
from governance.opening import open_or_continue
from governance.places import change_subject
from governance.updating import update_branch
from governance.verdicts import is_posted, look
from governance.work import ask
from lockgate import formats
from lockgate.errors import Conflict, Denied, LockgateError

logger = logging.getLogger(__name__)
Kind = RemoteAct.Kind
SEE = "See what changed."


@dataclass(frozen=True)
class Merged:
    """`already`: it was merged before this act, and nothing was done twice."""

    pull_request: PullRequest
    already: bool


@dataclass(frozen=True)
class Brought:
    """`waits`: it is done as soon as Lockgate may write on GitHub again."""

    pull_request: PullRequest
    waits: bool


def open_request(*, project: Project, request: formats.JobRequest, by: Person) -> PullRequest | None:
    """Commit `jobs/<id>.yaml` on `request/<id>` and open the pull request, in the person's name.

    Pressed again it goes on where it was. None: opened, but GitHub could not be read back yet.
    """
    if request.requested_by.id != by.account_id:
        raise Denied("A request is sent by the person who asks for it.")
    number = open_or_continue(project, request, by)
    try:
        return look(project, number)
    except LockgateError as error:
        logger.warning("%s#%s was opened and could not be read yet: %s", project, number, error)
        ask("look", f"project:{project.name}:{number}")
        return None


def approve(*, pull_request: PullRequest, head: str, by: Person, body: str = "") -> PullRequest:
    """Approve exactly this head. Lapses when head, base or merge base move."""
    return _review(pull_request, head, by, body, kind=Kind.APPROVE, failed="Not approved.")


def request_changes(*, pull_request: PullRequest, head: str, by: Person, body: str) -> PullRequest:
    """Ask for changes: holds the merge until the same controller approves."""
    return _review(pull_request, head, by, body, kind=Kind.REQUEST_CHANGES, failed="Nothing was sent.")


def comment(*, pull_request: PullRequest, body: str, by: Person) -> PullRequest:
    """Say something on the pull request, on GitHub, for everybody who sees it there."""
    target = {"body": body, "at": timezone.now().isoformat()}
    key = f"comment:{change_subject(pull_request)}:{by.account_id}:{timezone.now().timestamp():.3f}"
    with attempt(_intent(Kind.COMMENT, key, by, pull_request, target)) as act:
        number = actor(by).comment(pull_request.repository, pull_request.number, body)
        act.outcome = {"comment": number}
    return _look_again(pull_request)


def merge(*, pull_request: PullRequest, head: str, by: Person) -> Merged:
    """Merge exactly this head, once, with the person's own token, on facts just read."""
    key = f"merge:{change_subject(pull_request)}:{head}"
    fresh = look(pull_request.place, pull_request.number, makers_again=True)
    if fresh.state == PullRequest.State.MERGED and fresh.head_sha == head:
        return Merged(fresh, already=True)
    _stands(fresh, head, failed="Not merged.")
    pressed = same(key)
    if pressed is not None:
        raise Conflict(f"{_name(pressed.by)} pressed merge already.", next_step=DO_NOT_REPEAT)
    reason = why_not_merge(by, fresh)
    if reason is not None:
        raise Denied(f"Not merged. {reason}", next_step=_reason_of(fresh))
    if not is_posted(fresh):
        raise GitHubUnavailable("Not merged. Lockgate's own check is not on GitHub yet.")
    bind(fresh)
    with attempt(_intent(Kind.MERGE, key, by, fresh, {"head": head})) as act:
        act.outcome = {"merge": _merge(fresh, head, by)}
    return Merged(_look_again(fresh), already=False)


def bring_up_to_date(*, pull_request: PullRequest, head: str, by: Person) -> Brought:
    """Have the portal's App, which is nobody's vote, merge the base into the branch; approvals lapse."""
    fresh = look(pull_request.place, pull_request.number)
    _stands(fresh, head, failed="Not brought up to date.")
    reason = why_not_bring_up_to_date(by, fresh)
    if reason is not None:
        raise Denied(f"Not brought up to date. {reason}")
    act = update_branch(fresh, by=by)
    if act is None:
        return Brought(fresh, waits=True)
    if act.state == RemoteAct.State.UNKNOWN:
        raise OutcomeUnknown
    if act.state == RemoteAct.State.FAILED:
        raise Conflict(f"Not brought up to date. {act.outcome['reason']}", next_step=SEE)
    return Brought(_look_again(fresh), waits=False)


def close(*, pull_request: PullRequest, by: Person) -> PullRequest:
    """Close without merging: GitHub lets the author and people with write permission."""
    fresh = look(pull_request.place, pull_request.number)
    if fresh.state != PullRequest.State.OPEN:
        raise Conflict(_over(fresh), next_step="Nothing was done twice.")
    key = f"close:{change_subject(fresh)}:{fresh.updated_at.isoformat()}"
    with attempt(_intent(Kind.CLOSE, key, by, fresh, {"head": fresh.head_sha})):
        actor(by).close(fresh.repository, fresh.number)
    return _look_again(fresh)


def _review(
    pull_request: PullRequest, head: str, by: Person, body: str, *, kind: RemoteAct.Kind, failed: str
) -> PullRequest:
    fresh = look(pull_request.place, pull_request.number, makers_again=True)
    _stands(fresh, head, failed=failed)
    reason = why_not_approve(by, fresh)
    if reason is not None:
        raise Denied(f"{failed} {reason}")
    last = fresh.reviews.filter(author=by).order_by("remote_id").last()
    key = f"{kind}:{change_subject(fresh)}:{head}:{by.account_id}:{last.remote_id if last else 0}"
    if last is not None and kind == Kind.APPROVE and (last.state, last.head_sha) == ("approved", head):
        return fresh  # pressed twice: it stands already
    event = "APPROVE" if kind == Kind.APPROVE else "REQUEST_CHANGES"
    with attempt(_intent(kind, key, by, fresh, {"head": head, "merge_base": fresh.merge_base})) as act:
        number = actor(by).review(fresh.repository, fresh.number, head, event, body)
        act.outcome = {"review": number}
    return _look_again(fresh)


def _merge(fresh: PullRequest, head: str, by: Person) -> str:
    title = f"Merge pull request #{fresh.number} from {fresh.head_ref}"
    try:
        return actor(by).merge(fresh.repository, fresh.number, head, title)
    except GitHubConflict as error:
        raise GitHubConflict(f"Not merged. {error.what}", next_step="Nothing changed. " + SEE) from error
    except GitHubUnavailable as error:
        raise GitHubUnavailable(
            f"Not merged. {error.what}", next_step=error.next_step, until=error.until
        ) from error


def _stands(fresh: PullRequest, head: str, *, failed: str) -> None:
    """Raises Conflict, with what changed, unless the pull request is open at the head that was seen."""
    if fresh.state != PullRequest.State.OPEN:
        raise Conflict(_over(fresh), next_step="Nothing was done twice.")
    if fresh.head_sha != head:
        raise Conflict(f"{failed} The request moved from {head[:7]} to {fresh.head_sha[:7]}.", next_step=SEE)


def _over(fresh: PullRequest) -> str:
    if fresh.state == PullRequest.State.MERGED and fresh.merged_at is not None:
        return f"Already merged by {_name(fresh.merged_by)}, {fresh.merged_at:%H:%M} UTC."
    return OVER[PullRequest.State(fresh.state)]


def _reason_of(fresh: PullRequest) -> str:
    return str(fresh.decision["reason"]) if fresh.decision and fresh.status != "approved" else ""


def _look_again(pull_request: PullRequest) -> PullRequest:
    """The rows after the act; where GitHub cannot be read now the worker does it, the act stands."""
    try:
        return look(pull_request.place, pull_request.number)
    except LockgateError as error:
        logger.warning("%s could not be read after an act: %s", pull_request, error)
        ask("look", change_subject(pull_request))
        return pull_request


def _intent(
    kind: RemoteAct.Kind, key: str, by: Person, pull_request: PullRequest, target: dict[str, str]
) -> Intent:
    subject = change_subject(pull_request)
    return Intent(kind, key, by, pull_request.project, pull_request, target, subject)


def _name(person: Person | None) -> str:
    return person.login if person else "somebody"
