"""What hangs on a pull request: its reviews, comments and the check runs of its head, as they were read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from governance.github.port import CheckReading, CommentReading, PullRequestReading, ReviewReading
from governance.models import CheckRun, Comment, Person, PullRequest, RemoteAct, Review

People = Mapping[int, Person]
Values = dict[str, Any]
Part = TypeVar("Part", Review, Comment, CheckRun)


def write_reviews(row: PullRequest, reading: PullRequestReading, people: People, *, told: bool) -> None:
    """A review keeps the base and merge base that stood when it was first read: it binds them.

    Where they moved in the same reading it cannot be `told` which it was given for, and it binds nothing.
    """
    bound = {"base_ref": row.base_ref, "merge_base": row.merge_base} if told else {}
    _write_exactly(Review, row, {said.id: _review(said, people) for said in reading.reviews}, bound)


def write_comments(row: PullRequest, reading: PullRequestReading, people: People) -> None:
    _write_exactly(Comment, row, {said.id: _comment(said, people) for said in reading.comments})


def write_checks(row: PullRequest, reading: PullRequestReading, asked_at: datetime) -> None:
    """The check runs of the head, and of no other; what was posted there since it was asked for stays."""
    said = {each.id: {**_check(each), "head_sha": reading.head_sha} for each in reading.checks}
    _write_exactly(CheckRun, row, said, newer=lambda: _posted_since(row, reading.head_sha, asked_at))


def _posted_since(row: PullRequest, head: str, at: datetime) -> set[int]:
    """Ids of the check runs that Lockgate itself posted on a head since then."""
    posted = {"kind": RemoteAct.Kind.POST_CHECK, "state": RemoteAct.State.DONE, "settled_at__gt": at}
    acts = RemoteAct.objects.filter(project=row.project, node=row.node, target__head=head, **posted)
    return {int(outcome["check"]) for outcome in acts.values_list("outcome", flat=True)}


def _write_exactly(
    kind: type[Part],
    row: PullRequest,
    said: Mapping[int, Values],
    first: Values | None = None,
    newer: Callable[[], set[int]] = set,
) -> None:
    """Rows of exactly these remote ids with these values; `first` is written with a new one alone.

    `newer` are ids that came about after this was said; it is asked where some would go.
    """
    known = {part.remote_id: part for part in kind.objects.filter(pull_request=row)}
    new = [number for number in said if number not in known]
    kind.objects.bulk_create(
        kind(pull_request=row, remote_id=number, **(first or {}), **said[number]) for number in new
    )
    if gone := known.keys() - said.keys():
        kind.objects.filter(pull_request=row, remote_id__in=gone - newer()).delete()
    for number in known.keys() & said.keys():
        part = known[number]
        if any(getattr(part, name) != value for name, value in said[number].items()):
            kind.objects.filter(pk=part.pk).update(**said[number])


def _review(said: ReviewReading, people: People) -> Values:
    return {
        "author_id": people[said.author.id].pk,
        "state": said.state,
        "body": said.body,
        "head_sha": said.head_sha,
        "submitted_at": said.submitted_at,
    }


def _comment(said: CommentReading, people: People) -> Values:
    return {
        "author_id": people[said.author.id].pk,
        "body": said.body,
        "created_at": said.created_at,
        "updated_at": said.updated_at,
    }


def _check(said: CheckReading) -> Values:
    return {
        "name": said.name[:200],
        "app_id": said.app_id,
        "status": said.status,
        "conclusion": said.conclusion,
        "summary": said.summary,
        "url": said.url[:500],
        "started_at": said.started_at,
        "completed_at": said.completed_at,
    }
