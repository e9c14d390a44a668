"""Releases as the node reports them: their state, how far they are, and the files that are out."""

from __future__ import annotations

import re
from datetime import datetime

from governance.audit import record
from governance.messages import handles
from governance.models import Node, PullRequest
from governance.work import ask
from jobs.models import JobRequest, Lane
from lockgate.errors import Invalid, Unavailable
from lockgate.messages import PreviewMade, ReleasedFile, ReleaseReported, ReleaseState
from publications import previews
from publications.inventory import LIST_STORE
from publications.models import Publication, PublishedFile

LANES = {
    ReleaseState.WAITING: Lane.State.RELEASING,
    ReleaseState.HELD: Lane.State.RELEASE_HELD,
    ReleaseState.RELEASING: Lane.State.RELEASING,
    ReleaseState.UNFINISHED: Lane.State.RELEASE_UNFINISHED,
    ReleaseState.RELEASED: Lane.State.RELEASED,
}


MD5 = re.compile(r"[0-9a-f]{32}(\.dir)?")
SHA256 = re.compile(r"[0-9a-f]{64}")
MEDIA = re.compile(r"([a-z0-9][a-z0-9.+-]{0,48}/[a-z0-9][a-z0-9.+-]{0,48})?")
LONGEST_PATH = 300


@handles(ReleaseReported)
def receive(node: Node, body: ReleaseReported) -> None:
    """Write what the node reports of one of its own releases; an older report changes nothing.

    Raises Invalid where the report names no result pull request of this node or no file that could be one,
    Unavailable until the portal has read the merge itself: the node reports again.
    """
    pull_request = _own(node, body)
    _require_plain(node, body)
    known = Publication.objects.select_for_update().filter(pull_request=pull_request).first()
    if known is not None and _is_settled(known, body.at):
        return
    publication = _write(known, node, pull_request, body)
    if body.state is ReleaseState.RELEASED:
        _write_files(publication, body.files)
        ask(LIST_STORE, f"{publication.project.name}:{node.name}")
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
    pulls = PullRequest.objects.filter(
        project__name=body.project, project__nodes=node, number=body.pull_request
    )
    found = pulls.filter(kind="result_publication", request=body.request, result_node=node.name).first()
    if found is None and _runs_here(node, body.project) and not pulls.exists():
        raise Unavailable(f"#{body.pull_request} is not read yet.")
    if found is None:
        raise Invalid(
            f"{node.name} reports a release of #{body.pull_request}, which is no result of its own."
        )
    if found.state == PullRequest.State.OPEN:
        raise Unavailable(f"The merge of #{found.number} is not read yet.")
    if found.merge_sha != body.merge:
        raise Invalid(f"#{found.number} was not merged as {body.merge:.40}.")
    return found


def _runs_here(node: Node, project: str) -> bool:
    return node.projects.filter(name=project).exists()


def _require_plain(node: Node, body: ReleaseReported) -> None:
    """Addresses, names and sums are made of these texts, so nothing else may stand in them."""
    for each in body.files:
        parts = _path_of(each, body.request, node).split("/")
        climbs = any(part in ("", ".", "..") for part in parts)
        if climbs or len(each.path) > LONGEST_PATH or not each.path.isprintable() or "\\" in each.path:
            raise Invalid(f"{each.path!r:.80} is no path of a released file.")
        known = MD5.fullmatch(each.md5) and SHA256.fullmatch(each.sha256) and MEDIA.fullmatch(each.media_type)
        if not known or each.size < 0:
            raise Invalid(f"{each.path:.80} comes without its hashes, size or media type.")


def _path_of(file: ReleasedFile, request: str, node: Node) -> str:
    """`<output>` or `<output>/<file>` of a directory."""
    return file.path.removeprefix(f"results/{request}/{node.name}/")


def _is_settled(known: Publication, at: datetime) -> bool:
    older = known.reported_at is not None and known.reported_at >= at
    return older or known.state in (Publication.State.RELEASED, Publication.State.WITHDRAWN)


def _write(
    known: Publication | None, node: Node, pull_request: PullRequest, body: ReleaseReported
) -> Publication:
    stays = known is not None and known.state == body.state.value
    values = {
        "project": pull_request.project,
        "request": JobRequest.objects.get(project=pull_request.project, slug=body.request),
        "node": node,
        "merge_sha": body.merge,
        "state": body.state.value,
        "reason": body.reason or "",
        "bytes_done": body.bytes_done,
        "bytes_total": body.bytes_total,
        "since": known.since if known is not None and stays else body.at,
        "reported_at": body.at,
        "released_at": body.at if body.state is ReleaseState.RELEASED else None,
    }
    return Publication.objects.update_or_create(pull_request=pull_request, defaults=values)[0]


def _write_files(publication: Publication, files: tuple[ReleasedFile, ...]) -> None:
    for each in files:
        PublishedFile.objects.update_or_create(
            publication=publication,
            path=_path_of(each, publication.request.slug, publication.node),
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
