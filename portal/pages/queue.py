"""The queue of reviews of one person: what awaits them, what awaits others, what can be merged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone

from governance.access import person_of, visible_projects
from governance.models import Person, Project, PullRequest, Review
from jobs.models import JobRequest
from jobs.reading import ChangeView, pulls_to_show, view_change
from jobs.states import State

MOST = 500


def review_address(pull: PullRequest) -> str:
    """Where a pull request is reviewed."""
    if pull.project is None:
        return reverse("node_change", args=[pull.place.name, pull.number])
    if pull.kind == "job_request" and pull.request:
        return reverse("review", args=[pull.project.name, pull.request])
    if pull.kind == "result_publication" and pull.request and pull.result_node:
        return reverse("outputs", args=[pull.project.name, pull.request, pull.result_node])
    return reverse("change", args=[pull.project.name, pull.number])


@dataclass(frozen=True)
class Waiting:
    """A pull request in the queue, with what the viewer has to do with it."""

    change: ChangeView
    request: JobRequest | None
    mine: bool
    voted: bool

    @property
    def row(self) -> PullRequest:
        return self.change.row

    @property
    def title(self) -> str:
        """What the request asks; where there is none, the pull request's own title."""
        return self.request.title if self.request else self.row.title

    @property
    def address(self) -> str:
        """Where it is reviewed."""
        return review_address(self.row)

    @property
    def tab(self) -> str:
        if self.change.state is State.READY_TO_MERGE:
            return "merge"
        reviewed = self.change.state in (State.AWAITING_REVIEW, State.OUTPUTS_IN_REVIEW)
        return "mine" if reviewed and not self.mine and not self.voted else "others"


class Queue:
    """All open pull requests of the projects where this person decides, the longest waiting first."""

    def __init__(self, user: User | AnonymousUser) -> None:
        self.user = user
        self.person = person_of(user)

    @classmethod
    def of(cls, user: Any) -> Queue:
        """The one queue of this request's user, so that a page and its top bar read it once."""
        if "_queue" not in user.__dict__:
            user.__dict__["_queue"] = cls(user)
        found: Queue = user.__dict__["_queue"]
        return found

    @cached_property
    def projects(self) -> list[Project]:
        return list(visible_projects(self.user, "decide_project"))

    @property
    def decides(self) -> bool:
        return bool(self.projects)

    @cached_property
    def waiting(self) -> tuple[Waiting, ...]:
        if not self.projects or self.person is None:
            return ()
        now, person = timezone.now(), self.person
        rows = list(_open_pulls(self.projects, person))
        requests = _requests_of(rows)
        found = [_waiting(row, requests.get((row.project_id, row.request)), person, now) for row in rows]
        return tuple(sorted(found, key=_urgency))

    @property
    def awaiting_me(self) -> tuple[Waiting, ...]:
        return tuple(one for one in self.waiting if one.tab == "mine")

    @property
    def ready(self) -> tuple[Waiting, ...]:
        return tuple(one for one in self.waiting if one.tab == "merge")

    @property
    def needed(self) -> int:
        """How many need this person: a vote, or a press on merge."""
        return len(self.awaiting_me) + len(self.ready)


def _open_pulls(projects: list[Project], person: Person) -> Any:
    own = Review.objects.filter(author=person).exclude(state="dismissed")
    return (
        pulls_to_show()
        .filter(project__in=projects, state="open")
        .prefetch_related(Prefetch("reviews", own, to_attr="own_reviews"))
        .order_by("created_at")[:MOST]
    )


def _requests_of(rows: list[PullRequest]) -> dict[tuple[int | None, str], JobRequest]:
    """The job requests that these pull requests are about, results included."""
    slugs = {row.request for row in rows if row.request}
    projects = {row.project_id for row in rows}
    found = JobRequest.objects.select_related("requester", "project").filter(
        project__in=projects, slug__in=slugs
    )
    return {(request.project_id, request.slug): request for request in found}


def _waiting(row: PullRequest, request: JobRequest | None, person: Person, now: datetime) -> Waiting:
    makers = {row.author.account_id, *row.commit_authors, *row.pushers}
    mine = person.account_id in makers or (request is not None and request.requester_id == person.pk)
    own: list[Review] = row.own_reviews  # type: ignore[attr-defined]
    voted = any(review.head_sha == row.head_sha and review.state == "approved" for review in own)
    return Waiting(view_change(row, now), request, mine, voted)


def _urgency(one: Waiting) -> tuple[bool, datetime]:
    """Overdue first, then the longest waiting."""
    act = one.change.act
    return (not act.over, act.since or one.row.created_at)
