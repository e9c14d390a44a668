"""Job types, requests and lanes as rows, from what main and the heads of pull requests hold."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from governance.mirrors import Mirror
from governance.models import Node, Person, Project, PullRequest
from governance.places import subject_of
from governance.projection import on_code_repo, on_forgetting, on_pull_request, on_rebuilt
from governance.work import ask_all
from jobs.models import JobRequest, JobType, Lane
from lockgate import formats
from lockgate.errors import Invalid

UNDER_WAY = (
    Lane.State.RELEASING,
    Lane.State.RELEASED,
    Lane.State.RELEASE_HELD,
    Lane.State.RELEASE_UNFINISHED,
)
NOT_ASKING = ("code_change", "policy_change", "withdrawal")  # each of that kind alone, so adds no request
OPEN, MERGED, CLOSED = PullRequest.State.OPEN, PullRequest.State.MERGED, PullRequest.State.CLOSED


@on_code_repo
def read_main(project: Project, mirror: Mirror) -> None:
    _read_job_types(project, mirror)
    _read_merged_requests(project, mirror)


@on_forgetting
def forget_main(project: Project) -> None:
    """What is told apart by its blob alone is read again."""
    project.job_types.filter(current=True).update(blob="")
    project.requests.filter(pull_request=None).update(blob="")


@on_rebuilt
def remove_strangers(project: Project, mirror: Mirror) -> None:
    """Requests that neither main nor any pull request holds, and of which nothing was released."""
    on_main = [entry.name.removesuffix(".yaml") for entry in mirror.files(project.main_sha, "jobs")]
    strangers = project.requests.filter(pull_request=None).exclude(slug__in=on_main)
    for request in strangers:
        with suppress(ProtectedError), transaction.atomic():
            request.delete()


@on_pull_request
def read_change(pull_request: PullRequest, mirror: Mirror) -> None:
    is_result = pull_request.kind == "result_publication"
    request = None if is_result else _read_proposed(pull_request, mirror)
    if pull_request.merge_base and mirror.has(pull_request.head_sha):
        _let_go(pull_request, request)
    if is_result:
        _move_lane(pull_request)
    if request is not None and pull_request.state == CLOSED:
        _offer(pull_request, request.slug)
    if request is not None and pull_request.state == MERGED:
        open_lanes(request)


def open_lanes(request: JobRequest) -> None:
    """A lane for each node named, from the moment that the request is merged."""
    since = request.pull_request.merged_at if request.pull_request else None
    for node in Node.objects.filter(name__in=request.nodes, projects=request.project):
        Lane.objects.get_or_create(request=request, node=node, defaults={"since": since or timezone.now()})
    if since is not None:  # main may have told of it before its pull request did
        waiting = request.lanes.filter(state=Lane.State.WAITING_FOR_NODE, since__gt=since)
        waiting.update(since=since)


def _read_job_types(project: Project, mirror: Mirror) -> None:
    """`job_types/*.json`; one that cannot be read is no longer current."""
    current: list[str] = []
    for entry in mirror.files(project.main_sha, "job_types"):
        path = f"job_types/{entry.name}"
        data = mirror.read(project.main_sha, path) if entry.name.endswith(".json") else None
        try:
            said = formats.read_job_type(data, path) if data is not None else None
        except Invalid:
            continue  # the gate refuses such a change; what came before it is shown as not current
        if said is not None:
            current.append(said.name)
            _write_job_type(project, said, entry.blob)
    project.job_types.exclude(name__in=current).update(current=False)


def _write_job_type(project: Project, said: formats.JobType, blob: str) -> None:
    if project.job_types.filter(name=said.name, blob=blob, current=True).exists():
        return
    JobType.objects.update_or_create(
        project=project,
        name=said.name,
        defaults={
            "title": said.title[:200],
            "description": said.description,
            "schema": dict(said.schema),
            "outputs": [asdict(each) for each in said.outputs],
            "blob": blob,
            "current": True,
        },
    )


def _read_merged_requests(project: Project, mirror: Mirror) -> None:
    """Requests on main that no pull request read here has told of yet."""
    read = project.requests.filter(lanes__isnull=False).exclude(blob="")
    known = set(read.values_list("slug", flat=True))
    for entry in mirror.files(project.main_sha, "jobs"):
        slug = entry.name.removesuffix(".yaml")
        if not entry.name.endswith(".yaml") or slug in known:
            continue
        said = _request_at(mirror, project.main_sha, f"jobs/{entry.name}")
        if said is not None:
            open_lanes(_write_request(project, said, entry.blob, None))


def _read_proposed(pull_request: PullRequest, mirror: Mirror) -> JobRequest | None:
    """The one request that a pull request adds in its author's own name; others are shown as changes."""
    project = pull_request.project
    assert project is not None  # told of Code Repos alone
    if pull_request.base_ref != project.default_branch:
        return None  # merged elsewhere, it asks for nothing, and takes no id
    if pull_request.kind in NOT_ASKING:
        return None
    if not pull_request.merge_base or not mirror.has(pull_request.head_sha):
        return None
    paths = mirror.added(pull_request.merge_base, pull_request.head_sha, "jobs")
    said = _request_at(mirror, pull_request.head_sha, paths[0]) if len(paths) == 1 else None
    if said is None or said.requested_by.id != pull_request.author.account_id:
        return None
    held = JobRequest.objects.filter(project=project, slug=said.id).select_related("pull_request").first()
    if held is not None and not _may_take(pull_request, held.pull_request):
        return None
    _let_go(pull_request, held)
    blob = mirror.blob(pull_request.head_sha, paths[0]) or ""
    return _write_request(project, said, blob, pull_request)


def _let_go(pull_request: PullRequest, request: JobRequest | None) -> None:
    """What it asked for at an earlier head, and does no more, is nobody's request; main tells of its own."""
    for other in JobRequest.objects.filter(pull_request=pull_request).exclude(
        pk=request.pk if request else None
    ):
        other.pull_request, other.blob = None, ""
        other.save(update_fields=["pull_request", "blob"])
        if not other.lanes.exists():
            other.delete()
        _offer(pull_request, other.slug)


def _offer(holder: PullRequest, slug: str) -> None:
    """Open pull requests with the same request are read again: one of them may take it now."""
    assert holder.project is not None  # told of Code Repos alone
    others = holder.project.pull_requests.filter(state=OPEN, request=slug).exclude(pk=holder.pk)
    subject = subject_of(holder.project)
    ask_all(("look", f"{subject}:{number}") for number in others.values_list("number", flat=True))


def _may_take(pull_request: PullRequest, holder: PullRequest | None) -> bool:
    """An id belongs to the pull request that has it, until that one is closed; a merge settles it."""
    if holder is None or holder.pk == pull_request.pk:
        return True
    return holder.state != MERGED and (pull_request.state == MERGED or holder.state == CLOSED)


def _request_at(mirror: Mirror, revision: str, path: str) -> formats.JobRequest | None:
    data = mirror.read(revision, path)
    try:
        said = formats.read_job_request(data, path) if data is not None else None
    except Invalid:
        return None  # the gate says what is wrong with it
    return said if said is not None and path == f"jobs/{said.id}.yaml" else None


def _write_request(
    project: Project, said: formats.JobRequest, blob: str, pull_request: PullRequest | None
) -> JobRequest:
    requester, _ = Person.objects.get_or_create(
        account_id=said.requested_by.id, defaults={"login": said.requested_by.login}
    )
    values = {
        "title": said.title[:200],
        "purpose": said.purpose,
        "job": said.job,
        "requester": requester,
        "nodes": list(said.nodes),
        "parameters": dict(said.parameters),
        "outputs": {name: asdict(choice) for name, choice in said.outputs.items()},
        "repeats": said.repeats or "",
        "depends_on": list(said.depends_on),
        "blob": blob,
        "created_at": pull_request.created_at if pull_request else _day_of(said.id),
    }
    if pull_request is not None:
        values["pull_request"] = pull_request
    row, _ = JobRequest.objects.update_or_create(project=project, slug=said.id, defaults=values)
    return row


def _day_of(slug: str) -> datetime:
    return datetime.strptime(slug[:10], "%Y-%m-%d").replace(tzinfo=UTC)


def _move_lane(pull_request: PullRequest) -> None:
    """A result pull request of the node's own App says where its lane stands; an older one says nothing."""
    lane = (
        Lane.objects.select_for_update(of=("self",))
        .select_related("result")
        .filter(
            request__project=pull_request.project,
            request__slug=pull_request.request,
            node__name=pull_request.result_node,
            node__app_account=pull_request.author.account_id,
        )
        .first()
    )
    if lane is None or (lane.result is not None and lane.result.number > pull_request.number):
        return
    lane.result = pull_request
    state = _stage(pull_request, lane)
    if state != lane.state:
        lane.state, lane.reason = state, ""
        lane.since = pull_request.merged_at or pull_request.closed_at or pull_request.created_at
    lane.save()


def _stage(pull_request: PullRequest, lane: Lane) -> str:
    """What the node reports of a release is not taken back by a later reading of the pull request."""
    if pull_request.state == MERGED:
        return lane.state if lane.state in UNDER_WAY else Lane.State.RELEASING
    return Lane.State.IN_REVIEW if pull_request.state == OPEN else Lane.State.REJECTED
