"""From rows to what pages show: the state and the act line of pull requests, lanes and requests.

Each queryset here brings along all that its view needs, so that no page asks for each row again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet

from governance.models import PullRequest, RemoteAct
from governance.verdicts import decision_of
from jobs.acting import ActLine, act_line
from jobs.models import JobRequest, Lane
from jobs.states import Pressed, PullFacts, PullStatus, State, lane_state, pull_state, request_state
from lockgate import formats
from lockgate.formats import Kind
from lockgate.policy import Decision

_TELLING = Q(kind="merge", state__in=["recorded", "unknown"]) | Q(kind="close", state="done")
_ACTS = RemoteAct.objects.filter(_TELLING).select_related("by")


@dataclass(frozen=True)
class LaneView:
    """A lane with its state; `decision` is that of its result pull request."""

    row: Lane
    state: State
    act: ActLine

    @property
    def node(self) -> str:
        return self.row.node.name


@dataclass(frozen=True)
class RequestView:
    """A request with its state, its act line and its lanes."""

    row: JobRequest
    state: State
    act: ActLine
    lanes: tuple[LaneView, ...]

    @property
    def pull(self) -> PullRequest | None:
        return self.row.pull_request


@dataclass(frozen=True)
class ChangeView:
    """Any pull request with its state and act line."""

    row: PullRequest
    state: State
    act: ActLine
    decision: Decision | None


def pulls_to_show() -> QuerySet[PullRequest]:
    return PullRequest.objects.select_related(
        "project", "node", "author", "merged_by", "job_request__requester"
    ).prefetch_related(
        Prefetch("acts", _ACTS, to_attr="telling_acts"),
        Prefetch("result_lanes", Lane.objects.select_related("node")),
    )


def requests_to_show() -> QuerySet[JobRequest]:
    pulls = PullRequest.objects.select_related("author", "merged_by").prefetch_related(
        Prefetch("acts", _ACTS, to_attr="telling_acts")
    )
    lanes = Lane.objects.select_related("node").prefetch_related(Prefetch("result", pulls), "runs")
    return JobRequest.objects.select_related("project", "requester").prefetch_related(
        Prefetch("pull_request", pulls), Prefetch("lanes", lanes)
    )


def facts_of(pull: PullRequest) -> PullFacts:
    """The facts of a row; one that `pulls_to_show` or `requests_to_show` brought has its acts with it."""
    brought: list[RemoteAct] | None = getattr(pull, "telling_acts", None)
    acts = list(pull.acts.filter(_TELLING)) if brought is None else brought
    merges = {act.state for act in acts if act.kind == "merge"}
    closer = next((act.by_id for act in acts if act.kind == "close"), None)
    pressed = Pressed.UNKNOWN if "unknown" in merges else Pressed.MERGE if merges else Pressed.NOTHING
    return PullFacts(
        status=PullStatus(pull.state),
        decision=decision_of(pull),
        pressed=pressed,
        kind=Kind(pull.kind) if pull.kind else None,
        closed_by_author=None if closer is None else closer == pull.author_id,
    )


def since_of(pull: PullRequest) -> datetime:
    """Since when a pull request stands as it does: its end, else its head, else its opening."""
    return pull.merged_at or pull.closed_at or pull.head_since or pull.created_at


def days_to_decide(governance: dict[str, dict[str, int]]) -> int | None:
    return governance.get("service", {}).get("decide_within_days")


def view_change(pull: PullRequest, now: datetime) -> ChangeView:
    """A pull request as it stands; of merged results the node says how far they are."""
    facts = facts_of(pull)
    lane = next(iter(pull.result_lanes.all()), None) if facts.status is PullStatus.MERGED else None
    state = lane_state(lane.state, facts) if lane else pull_state(facts)
    act = act_line(
        state,
        now=now,
        since=lane.since if lane else since_of(pull),
        decision=facts.decision,
        nodes=pull.node_names,
        requester=pull.author.login,
        days=days_to_decide(pull.project.governance) if pull.project else None,
        reason=lane.reason if lane else "",
    )
    return ChangeView(pull, state, act, facts.decision)


def view_lane(lane: Lane, request: JobRequest, now: datetime) -> LaneView:
    facts = facts_of(lane.result) if lane.result else None
    state = lane_state(lane.state, facts)
    in_review = lane.state == Lane.State.IN_REVIEW and lane.result is not None
    act = act_line(
        state,
        now=now,
        since=since_of(lane.result) if in_review and lane.result else lane.since,
        decision=facts.decision if facts and in_review else None,
        nodes=[lane.node.name],
        requester=request.requester.login,
        days=days_to_decide(request.project.governance),
        reason=lane.reason,
    )
    return LaneView(lane, state, act)


def view_request(request: JobRequest, now: datetime) -> RequestView:
    """The request as a whole; the lane that its state comes from speaks for the others."""
    lanes = tuple(view_lane(lane, request, now) for lane in request.lanes.all())
    pull = request.pull_request
    facts = facts_of(pull) if pull else None
    state = request_state(facts, [lane.state for lane in lanes])
    speaker = next((lane for lane in lanes if lane.state is state), None)
    merged = facts is not None and facts.status is PullStatus.MERGED
    if merged and speaker:
        return RequestView(request, state, speaker.act, lanes)
    act = act_line(
        state,
        now=now,
        since=since_of(pull) if pull else request.created_at,
        decision=facts.decision if facts and not merged else None,
        nodes=request.nodes,
        requester=request.requester.login,
        days=days_to_decide(request.project.governance),
    )
    return RequestView(request, state, act, lanes)


def earlier_request(row: JobRequest) -> formats.JobRequest:
    """A request's row as the library knows a request."""
    return formats.JobRequest(
        version=1,
        id=row.slug,
        job=row.job,
        title=row.title,
        purpose=row.purpose,
        requested_by=formats.Account(row.requester.account_id, row.requester.login),
        nodes=tuple(row.nodes),
        parameters=row.parameters,
        outputs={name: formats.OutputChoice(**choice) for name, choice in row.outputs.items()},
        repeats=row.repeats or None,
        depends_on=tuple(row.depends_on),
    )
