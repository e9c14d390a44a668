"""Releases as the node reports them: their state, how far they are, and the files that are out."""

from __future__ import annotations

from datetime import datetime

from governance.audit import record
from governance.messages import handles
from governance.models import Node, PullRequest
from jobs.models import JobRequest, Lane
from lockgate.errors import Invalid
from lockgate.messages import PreviewMade, ReleasedFile, ReleaseReported, ReleaseState
from publications import previews
from publications.models import Publication, PublishedFile

LANES = {
    ReleaseState.WAITING: Lane.State.RELEASING,
    ReleaseState.HELD: Lane.State.RELEASE_HELD,
    ReleaseState.RELEASING: Lane.State.RELEASING,
    ReleaseState.UNFINISHED: Lane.State.RELEASE_UNFINISHED,
    ReleaseState.RELEASED: Lane.State.RELEASED,
}


@handles(ReleaseReported)
def receive(node: Node, body: ReleaseReported) -> None:
    """Write what the node reports of one of its own releases; an older report changes nothing.

    Raises Invalid where the report names no result pull request of this node.
    """
    pull_request = _own(node, body)
    known = Publication.objects.select_for_update().filter(pull_request=pull_request).first()
    if known is not None and _is_settled(known, body.at):
        return
    publication = _write(known, node, pull_request, body)
    if body.state is ReleaseState.RELEASED:
        _write_files(publication, body.files)
    _move_lane(publication, body)
    if known is None or known.state != body.state.value:
        record(
            by=None,
            action=f"release.{body.state.value}",
            project=publication.project,
            subject=f"{body.request}/{node.name}",
            details={"pull_request": body.pull_request, "merge": body.merge, "reason": body.reason or ""},
        )


@handles(PreviewMade)
def receive_preview(node: Node, body: PreviewMade) -> None:
    previews.receive(node, body)


def _own(node: Node, body: ReleaseReported) -> PullRequest:
    """The merged result pull request that the report is about, of this node alone."""
    found = PullRequest.objects.filter(
        project__name=body.project,
        project__nodes=node,
        number=body.pull_request,
        kind="result_publication",
        request=body.request,
        result_node=node.name,
    ).first()
    if found is None:
        raise Invalid(
            f"{node.name} reports a release of #{body.pull_request}, which is no result of its own."
        )
    return found


def _is_settled(known: Publication, at: datetime) -> bool:
    older = known.reported_at is not None and known.reported_at >= at
    return older or known.state in (Publication.State.RELEASED, Publication.State.WITHDRAWN)


def _write(
    known: Publication | None, node: Node, pull_request: PullRequest, body: ReleaseReported
) -> Publication:
    moved = known is None or known.state != body.state.value
    values = {
        "project": pull_request.project,
        "request": JobRequest.objects.get(project=pull_request.project, slug=body.request),
        "node": node,
        "merge_sha": body.merge,
        "state": body.state.value,
        "reason": body.reason or "",
        "bytes_done": body.bytes_done,
        "bytes_total": body.bytes_total,
        "since": body.at if known is None or moved else known.since,
        "reported_at": body.at,
        "released_at": body.at if body.state is ReleaseState.RELEASED else None,
    }
    return Publication.objects.update_or_create(pull_request=pull_request, defaults=values)[0]


def _write_files(publication: Publication, files: tuple[ReleasedFile, ...]) -> None:
    folder = f"results/{publication.request.slug}/{publication.node.name}/"
    for each in files:
        PublishedFile.objects.update_or_create(
            publication=publication,
            path=each.path.removeprefix(folder),
            defaults={
                "md5": each.md5,
                "sha256": each.sha256,
                "size": each.size,
                "media_type": each.media_type,
            },
        )


def _move_lane(publication: Publication, body: ReleaseReported) -> None:
    Lane.objects.update_or_create(
        request=publication.request,
        node=publication.node,
        defaults={
            "state": LANES[body.state],
            "reason": body.reason or "",
            "since": publication.since,
            "result": publication.pull_request,
        },
    )
