"""The timeline of a thread: people's acts one by one, machines' events folded together. Pure over rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from governance.models import CheckRun, Comment, PullRequest, Review
from jobs.models import Lane, Run
from jobs.reading import RequestView

REVIEWS = {
    "approved": ("green", "tick", "approved"),
    "changes_requested": ("amber", "return-arrow", "requested changes at"),
    "commented": ("grey", "comment", "commented on"),
    "dismissed": ("grey", "slash", "gave a review, since dismissed, of"),
}
CHECKS = {"success": ("green", "tick", "passed"), "": ("blue", "quarter-disc", "is running")}
RUNS = {
    "queued": ("blue", "bars", "is queued"),
    "running": ("blue", "half-disc", "is running"),
    "succeeded": ("green", "tick", "succeeded"),
    "failed": ("red", "triangle", "failed"),
    "cancelled": ("grey", "square", "was cancelled"),
}


@dataclass(frozen=True)
class Event:
    """One thing that happened. `said` is a person's own text; `folded` holds events of machines."""

    at: datetime
    what: str
    who: str = ""
    role: str = "grey"
    icon: str = "commit"
    said: str = ""
    machine: bool = False
    folded: tuple[Event, ...] = field(default=())


def thread_events(view: RequestView) -> tuple[Event, ...]:
    """All that happened to a request, oldest first."""
    events = list(_pull_events(view.pull, "the request")) if view.pull else []
    for lane in view.lanes:
        events += _lane_events(lane.row)
    return fold(sorted(events, key=in_order))


def change_events(pull: PullRequest) -> tuple[Event, ...]:
    """All that happened to one pull request, oldest first."""
    return fold(sorted(_pull_events(pull, "this"), key=in_order))


def in_order(event: Event) -> tuple[datetime, bool]:
    """GitHub tells whole seconds: within one, what a person did stands before what a machine answered."""
    return event.at, event.machine


def fold(events: Iterable[Event]) -> tuple[Event, ...]:
    """Two or more events of machines in a row become one that opens."""
    found: list[Event] = []
    for machine, run in groupby(events, key=lambda event: event.machine):
        group = tuple(run)
        if machine and len(group) > 1:
            found.append(Event(group[0].at, _folded_words(group), folded=group, icon="bars", machine=True))
        else:
            found += group
    return tuple(found)


def _folded_words(group: tuple[Event, ...]) -> str:
    bad = sum(event.role == "red" for event in group)
    return f"{len(group)} events of checks and runs" + (f", {bad} failed" if bad else "")


def _pull_events(pull: PullRequest, what: str) -> Iterator[Event]:
    yield Event(
        pull.created_at, f"sent {what} as pull request #{pull.number}", pull.author.login, icon="commit"
    )
    yield from (_check_event(check) for check in pull.checks.all() if check.completed_at or check.started_at)
    yield from (
        _review_event(review) for review in pull.reviews.all() if review.state != "commented" or review.body
    )
    yield from (_comment_event(comment) for comment in pull.comments.all())
    if pull.merged_at:
        by = pull.merged_by.login if pull.merged_by else "Somebody"
        yield Event(pull.merged_at, f"merged {what} at {pull.head_sha[:7]}", by, "green", "chevrons")
    elif pull.closed_at:
        yield Event(pull.closed_at, "Closed without a merge", role="grey", icon="slash")


def _check_event(check: CheckRun) -> Event:
    role, icon, ended = CHECKS.get(check.conclusion, ("red", "octagon", check.conclusion.replace("_", " ")))
    at = check.completed_at or check.started_at
    assert at is not None  # the caller saw to it
    return Event(
        at, f"Check {check.name} {ended} at {check.head_sha[:7]}", role=role, icon=icon, machine=True
    )


def _review_event(review: Review) -> Event:
    role, icon, did = REVIEWS[review.state]
    what = f"{did} {review.head_sha[:7]}"
    return Event(review.submitted_at, what, review.author.login, role, icon, review.body)


def _comment_event(comment: Comment) -> Event:
    return Event(comment.created_at, "commented", comment.author.login, icon="comment", said=comment.body)


def _lane_events(lane: Lane) -> Iterator[Event]:
    for run in lane.runs.all():
        yield from _run_events(run, lane.node.name)
    if lane.result:
        yield from _pull_events(lane.result, f"the outputs of {lane.node.name}")
    if lane.state in ("released", "withdrawn", "release_unfinished", "held", "release_held"):
        role = {"released": "green", "withdrawn": "grey"}.get(lane.state, "red")
        icon = {"released": "tick", "withdrawn": "struck-disc"}.get(lane.state, "barred-gate")
        what = f"{lane.get_state_display()} on {lane.node.name}"
        yield Event(lane.since, what, role=role, icon=icon, said=lane.reason)


def _run_events(run: Run, node: str) -> Iterator[Event]:
    role, icon, ended = RUNS[run.status]
    if run.started_at:
        yield Event(
            run.started_at,
            f"Run {run.run[:8]} started on {node}",
            role="blue",
            icon="half-disc",
            machine=True,
        )
    if run.finished_at:
        why = f" at step {run.failed_step}: {run.error_class}" if run.failed_step else ""
        what = f"Run {run.run[:8]} on {node} {ended}{why}"
        yield Event(run.finished_at, what, role=role, icon=icon, machine=run.status != "failed")
