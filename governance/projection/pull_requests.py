"""Pull requests with their reviews, comments, checks and makers, from one reading each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from governance import messages
from governance.gate import base_of, examine
from governance.github import reader
from governance.github.port import Account, PullRequestReading
from governance.mirrors import Mirror, mirror
from governance.models import CheckRun, Comment, Node, Project, PullRequest, Review
from governance.places import repository_of
from governance.projection.listeners import tell_pull_request
from governance.projection.people import person_row
from lockgate.messages import Look

HINT_WITHIN = timedelta(hours=1)


@dataclass(frozen=True)
class Makers:
    """Who made what stands at a head. None among them: GitHub does not know somebody."""

    commit_authors: tuple[Account | None, ...]
    pushers: tuple[Account | None, ...]


@dataclass(frozen=True)
class _Base:
    """What a head is compared with."""

    head: str
    ref: str
    merge_base: str

    @classmethod
    def of(cls, row: PullRequest) -> _Base:
        return cls(row.head_sha, row.base_ref, row.merge_base)

    def moved_to(self, row: PullRequest) -> bool:
        """Whether the base is another, or the same head has another merge base; not for a first reading."""
        now = self.of(row)
        known = bool(self.head and self.merge_base)
        return known and (now.ref != self.ref or (now.head == self.head and now != self))


def refresh(place: Project | Node, number: int, *, makers_again: bool = False) -> PullRequest | None:
    """Read the pull request again and write it; None where GitHub has none of that number.

    Who made it is read once for each head, or `makers_again` before something is decided on it.
    """
    asked_at = timezone.now()
    reading = reader().pull_request(repository_of(place), number)
    if reading is None:
        return None
    return write(place, reading, asked_at, makers_again=makers_again)


def write(
    place: Project | Node, reading: PullRequestReading, asked_at: datetime, *, makers_again: bool = False
) -> PullRequest:
    """Write a reading that is at hand, after reading what belongs to its head."""
    repo = repository_of(place)
    known = PullRequest.objects.filter(**_of(place), number=reading.number).first()
    here = mirror(repo)
    if not (here.has(reading.head_sha) and _has_base(here, reading)):
        here.fetch(reader().git_token(repo))
    verdict = examine(place, reading, known, here)
    makers = None
    if makers_again or known is None or known.head_sha != reading.head_sha or not known.pushers:
        makers = _makers(repo, reading)
    return _write(place, reading, verdict, makers, here, asked_at)


def _has_base(here: Mirror, reading: PullRequestReading) -> bool:
    """An open change is judged against the base as it is now, and by the policy that stands there."""
    if reading.state == "open":
        return here.tip(reading.base_ref) == reading.base_sha
    return here.has(reading.merge_sha if reading.state == "merged" else reading.base_sha)


def _makers(repo: str, reading: PullRequestReading) -> Makers:
    """Pushes to a branch of another repository cannot be read: somebody unknown made them."""
    same = reading.head_repository == repo
    return Makers(
        reader().commit_authors(repo, reading.number),
        reader().pushers(repo, reading.head_ref) if same else (None,),
    )


@transaction.atomic
def _write(
    place: Project | Node,
    reading: PullRequestReading,
    verdict: dict[str, Any] | None,
    makers: Makers | None,
    here: Mirror,
    asked_at: datetime,
) -> PullRequest:
    row = _locked(place, reading.number)
    if row is None:
        row = PullRequest(**_of(place), number=reading.number, head_sha="")
    elif row.read_at > asked_at or row.updated_at > reading.updated_at:
        return row  # a newer reading is there already
    if row.head_sha != reading.head_sha:
        row.head_since, row.decision, row.status = asked_at, None, ""
    before = _Base.of(row)
    merged_now = reading.state == "merged" and row.state != "merged"
    _fill(row, reading)
    _fill_verdict(row, verdict)
    if makers is not None:
        _fill_makers(row, makers)
    row.merge_base = verdict["merge_base"] if verdict else _merge_base(here, reading) or row.merge_base
    row.read_at = asked_at
    row.save()
    _write_reviews(row, reading, told=not before.moved_to(row))
    _write_comments(row, reading)
    _write_checks(row, reading)
    if isinstance(place, Project):
        tell_pull_request(row, here)
        if merged_now and timezone.now() - (reading.merged_at or asked_at) < HINT_WITHIN:
            for node in place.nodes.all():
                messages.send(to=node, body=Look(project=place.name, pull_request=row.number))
    return row


def _locked(place: Project | Node, number: int) -> PullRequest | None:
    """The row, locked. A new number locks its place, so that two who read it first write it once."""
    rows = PullRequest.objects.select_for_update(of=("self",)).filter(**_of(place), number=number)
    found = rows.first()
    if found is None:
        type(place).objects.select_for_update(no_key=True).get(pk=place.pk)
        found = rows.first()
    return found


def _of(place: Project | Node) -> dict[str, Project | Node]:
    return {"project": place} if isinstance(place, Project) else {"node": place}


def _fill(row: PullRequest, reading: PullRequestReading) -> None:
    row.graphql_id = reading.graphql_id
    row.title = reading.title[:300]
    row.body = reading.body
    row.author = person_row(reading.author)
    row.head_ref, row.head_sha = reading.head_ref, reading.head_sha
    row.base_ref, row.base_sha = reading.base_ref, reading.base_sha
    row.state = reading.state
    row.mergeable = reading.mergeable
    row.merge_sha = reading.merge_sha if reading.state == "merged" else ""
    row.merged_by = person_row(reading.merged_by) if reading.merged_by else None
    row.created_at, row.updated_at = reading.created_at, reading.updated_at
    row.merged_at, row.closed_at = reading.merged_at, reading.closed_at


def _fill_verdict(row: PullRequest, verdict: dict[str, Any] | None) -> None:
    row.verdict = verdict
    if verdict is not None and verdict["clean"] is not None:
        row.kind = verdict["kind"] or ""
        row.request = verdict["request"] or ""
        row.node_names = verdict["nodes"]
        results = row.kind in ("result_publication", "withdrawal") and len(row.node_names) == 1
        row.result_node = row.node_names[0] if results else ""


def _fill_makers(row: PullRequest, makers: Makers) -> None:
    for account in (*makers.commit_authors, *makers.pushers):
        if account is not None:
            person_row(account)
    row.commit_authors = [each.id for each in makers.commit_authors if each]
    row.pushers = [each.id for each in makers.pushers if each]
    row.unknown_author = None in makers.commit_authors
    row.unknown_pusher = None in makers.pushers


def _merge_base(here: Mirror, reading: PullRequestReading) -> str | None:
    """Where the change begins: against the base's tip, for a merged one against the merge's first parent."""
    base = base_of(reading, here)
    return here.merge_base(base, reading.head_sha) if base else None


def _write_reviews(row: PullRequest, reading: PullRequestReading, *, told: bool) -> None:
    """A review keeps the base and merge base that stood when it was first read: it binds them.

    Where they moved in the same reading it cannot be `told` which it was given for, and it binds nothing.
    """
    known = {review.remote_id: review for review in row.reviews.all()}
    bound = {"base_ref": row.base_ref, "merge_base": row.merge_base} if told else {}
    for said in reading.reviews:
        review = known.get(said.id) or Review(pull_request=row, remote_id=said.id, **bound)
        if said.id in known and (review.state, review.body) == (said.state, said.body):
            continue
        review.author = person_row(said.author)
        review.state, review.body = said.state, said.body
        review.head_sha, review.submitted_at = said.head_sha, said.submitted_at
        review.save()


def _write_comments(row: PullRequest, reading: PullRequestReading) -> None:
    known = {comment.remote_id: comment.updated_at for comment in row.comments.all()}
    for said in reading.comments:
        if known.get(said.id) != said.updated_at:
            Comment.objects.update_or_create(
                pull_request=row,
                remote_id=said.id,
                defaults={
                    "author": person_row(said.author),
                    "body": said.body,
                    "created_at": said.created_at,
                    "updated_at": said.updated_at,
                },
            )
    row.comments.exclude(remote_id__in=[said.id for said in reading.comments]).delete()


def _write_checks(row: PullRequest, reading: PullRequestReading) -> None:
    """The check runs of the head, and of no other."""
    row.checks.exclude(remote_id__in=[said.id for said in reading.checks]).delete()
    CheckRun.objects.bulk_create(
        [
            CheckRun(
                pull_request=row,
                remote_id=said.id,
                head_sha=reading.head_sha,
                name=said.name,
                app_id=said.app_id,
                status=said.status,
                conclusion=said.conclusion,
                summary=said.summary,
                url=said.url,
                started_at=said.started_at,
                completed_at=said.completed_at,
            )
            for said in reading.checks
        ],
        update_conflicts=True,
        unique_fields=["pull_request", "remote_id"],
        update_fields=["status", "conclusion", "summary", "completed_at", "head_sha"],
    )
