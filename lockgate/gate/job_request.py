"""The rules of a job request: one new file that asks for what the base knows, in its author's name."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.formats import (
    Document,
    FormatError,
    JobRequest,
    Problem,
    check_parameters,
    load_document,
    read_job_request,
)
from lockgate.gate.changes import Change
from lockgate.gate.history import reappearance_problems
from lockgate.gate.paths import job_id
from lockgate.gate.proposal import Proposal

_PLACE = "a request is a file jobs/<id>.yaml, where the id is YYYY-MM-DD-slug-xxxx in small letters"


def place_problems(changes: tuple[Change, ...]) -> Iterator[Problem]:
    """Yield what is wrong with where and how files under jobs/ change."""
    for change in changes:
        if not change.added:
            act = "removed" if change.removed else "edited"
            yield Problem(change.path, None, f"nothing under jobs/ may be {act} once it is merged")
        elif job_id(change.path) is None:
            yield Problem(change.path, None, _PLACE)
        elif change.mode_problem:
            yield Problem(change.path, None, change.mode_problem)
        if len(changes) > 1:
            yield Problem(change.path, None, f"a job request adds exactly one file, not {len(changes)}")


def read_request(proposal: Proposal) -> tuple[JobRequest | None, Document | None, tuple[Problem, ...]]:
    """Read the one file that is asked for."""
    change = proposal.changes[0]
    data = proposal.brought(change)[change.path]
    if isinstance(data, Problem):
        return None, None, (data,)
    try:
        return read_job_request(data, change.path), load_document(data, change.path), ()
    except FormatError as error:
        return None, None, error.problems


def request_problems(proposal: Proposal, request: JobRequest, document: Document) -> Iterator[Problem]:
    """Yield why the base does not grant what `request` asks."""
    path = proposal.changes[0].path
    if request.id != job_id(path):
        yield Problem(path, document.line(("id",)), "`id` is not the name of the file")
    if request.requested_by.id != proposal.known_author:
        reason = "`requested_by.id` is not the account that opened the pull request"
        yield Problem(path, document.line(("requested_by", "id")), reason)
    for position, node in enumerate(request.nodes):
        if node not in proposal.governance.nodes:
            reason = f"the node `{node}` is not in the base's governance.yaml"
            yield Problem(path, document.line(("nodes", position)), reason)
    yield from _job_problems(proposal, request, document, path)
    yield from _other_requests_problems(proposal, request, document, path)
    yield from reappearance_problems(proposal)


def _job_problems(
    proposal: Proposal, request: JobRequest, document: Document, path: str
) -> Iterator[Problem]:
    job_type = proposal.job_type(request.job)
    if job_type is None:
        reason = f"the base has no job type `{request.job}` (job_types/{request.job}.json)"
        yield Problem(path, document.line(("job",)), reason)
        return
    for problem in check_parameters(job_type, request.parameters):
        line = document.line(("parameters", problem.name))
        yield Problem(path, line, f"parameter `{problem.name}` {problem.reason}")
    declared = {output.name for output in job_type.outputs}
    for name in request.outputs:
        if name not in declared:
            reason = f"the job `{request.job}` declares no output `{name}`"
            yield Problem(path, document.line(("outputs", name)), reason)


def _other_requests_problems(
    proposal: Proposal, request: JobRequest, document: Document, path: str
) -> Iterator[Problem]:
    objects, base = proposal.objects, proposal.base
    for position, other in enumerate(request.depends_on):
        for node in request.nodes:
            if objects.entry(base, f"results/{other}/{node}/manifest.yaml") is None:
                reason = f"it depends on {other}, which has no result of `{node}` on the base"
                yield Problem(path, document.line(("depends_on", position)), reason)
    if request.repeats is not None and objects.entry(base, f"jobs/{request.repeats}.yaml") is None:
        reason = f"it repeats {request.repeats}, which is no request on the base"
        yield Problem(path, document.line(("repeats",)), reason)
