"""What nodes report of their runs and collections, as rows: runs, and where each lane stands."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from governance.audit import record
from governance.messages import handles
from governance.models import Node, Registration
from governance.work import ask
from jobs.models import JobRequest, Lane, Run
from lockgate.errors import Invalid, LockgateError, Unavailable
from lockgate.messages import CollectionReported, CollectionState, RunReport, RunsReported

State = Lane.State
STATUS = {
    "QUEUED": Run.Status.QUEUED,
    "NOT_STARTED": Run.Status.QUEUED,
    "MANAGED": Run.Status.QUEUED,
    "STARTING": Run.Status.QUEUED,
    "STARTED": Run.Status.RUNNING,
    "CANCELING": Run.Status.RUNNING,
    "SUCCESS": Run.Status.SUCCEEDED,
    "FAILURE": Run.Status.FAILED,
    "CANCELED": Run.Status.CANCELLED,
}
LANE_OF_RUN = {
    Run.Status.QUEUED: State.QUEUED,
    Run.Status.RUNNING: State.RUNNING,
    Run.Status.SUCCEEDED: State.COLLECTING,
    Run.Status.FAILED: State.RUN_FAILED,
    Run.Status.CANCELLED: State.CANCELLED,
}
# What a report of runs may still change: from the first output on, pull requests and releases speak.
BEFORE_OUTPUTS = (
    State.WAITING_FOR_NODE,
    State.WAITING_FOR_RESULTS,
    State.HELD,
    State.QUEUED,
    State.RUNNING,
    State.RUN_FAILED,
    State.CANCELLED,
)
COLLECTED = (State.COLLECTING, State.COLLECTION_REFUSED)


@handles(RunsReported)
def runs_reported(node: Node, body: RunsReported) -> None:
    """Write the runs and move the lanes; an older report never overwrites a newer."""
    registration = (
        Registration.objects.select_for_update().filter(node=node, project__name=body.project).first()
    )
    if registration is None:
        raise Invalid(f"{node} reports runs of {body.project}, which it does not run.")
    if registration.runs_reported_at is not None and registration.runs_reported_at > body.at:
        return
    lanes = {
        lane.request.slug: lane
        for lane in Lane.objects.select_for_update(of=("self",))
        .select_related("request__project")
        .filter(node=node, request__project=registration.project)
    }
    for report in body.runs:
        if report.request in lanes:
            _write_run(lanes[report.request], report)
    for slug, lane in lanes.items():
        _move(lane, body.waiting.get(slug), body.held.get(slug), body.at)
    registration.runs_reported_at, registration.cursor = body.at, body.cursor or ""
    registration.save(update_fields=["runs_reported_at", "cursor"])


@handles(CollectionReported)
def collection_reported(node: Node, body: CollectionReported) -> None:
    """Write how far the outputs of a run are on their way to a result pull request."""
    lane = (
        Lane.objects.select_for_update(of=("self",))
        .select_related("request__project")
        .filter(node=node, request__project__name=body.project, request__slug=body.request)
        .first()
    )
    if lane is None:
        raise _of_no_lane(node, body)
    if body.pull_request is not None:
        ask("look", f"project:{body.project}:{body.pull_request}")
    if lane.state not in (*BEFORE_OUTPUTS, *COLLECTED):
        return
    if body.state is CollectionState.REFUSED:
        _set(lane, State.COLLECTION_REFUSED, body.reason or "The node gave no reason.", timezone.now())
    elif body.state is CollectionState.PROPOSED:
        _set(lane, State.IN_REVIEW, "", timezone.now())
    elif lane.state != State.COLLECTION_REFUSED:
        _set(lane, State.COLLECTING, body.reason or "", timezone.now())


def _of_no_lane(node: Node, body: CollectionReported) -> LockgateError:
    """The node may have run what it found merged before the portal has read the merge: it tells again."""
    known = JobRequest.objects.filter(project__name=body.project, slug=body.request).first()
    asked_of_others = known is not None and node.name not in known.nodes
    if asked_of_others or not node.projects.filter(name=body.project).exists():
        return Invalid(f"{node} reports outputs of {body.request}, which it was not asked for.")
    return Unavailable(f"The merge of {body.request} is not read yet.")


def _write_run(lane: Lane, report: RunReport) -> None:
    status = STATUS.get(report.status)
    if status is None:
        raise Invalid(f"A run has the status {report.status!r:.40}, which Dagster does not have.")
    Run.objects.update_or_create(
        lane=lane,
        run=report.run[:40],
        defaults={
            "root_run": report.root_run[:40],
            "status": status,
            "started_at": report.started,
            "finished_at": report.finished,
            "failed_step": (report.failed_step or "")[:200],
            "error_class": (report.error_class or "")[:200],
        },
    )


def _move(lane: Lane, waiting: str | None, held: str | None, at: datetime) -> None:
    if lane.state not in BEFORE_OUTPUTS:
        return
    if held is not None:
        _set(lane, State.HELD, held, at)
        return
    newest = lane.runs.order_by("started_at", "pk").last()
    if newest is not None:
        _set(lane, LANE_OF_RUN[Run.Status(newest.status)], _why_failed(newest), at)
    elif waiting is not None:
        state = State.WAITING_FOR_RESULTS if lane.request.depends_on else State.WAITING_FOR_NODE
        _set(lane, state, waiting, at)


def _why_failed(run: Run) -> str:
    if run.status != Run.Status.FAILED:
        return ""
    step = f"Step {run.failed_step} failed" if run.failed_step else "The run failed"
    return f"{step}: {run.error_class or 'no error was named'}. No output left the node."


def _set(lane: Lane, state: State, reason: str, at: datetime) -> None:
    """Write where the lane stands; a new state is an audit row."""
    if (lane.state, lane.reason) == (state, reason):
        return
    moved = lane.state != state
    lane.state, lane.reason = state, reason
    lane.since = at if moved else lane.since
    lane.save(update_fields=["state", "reason", "since"])
    if moved:
        record(
            by=None,
            action=f"lane.{state}",
            project=lane.request.project,
            subject=f"{lane.request.slug}/{lane.node.name}",
            details={"reason": reason},
        )
