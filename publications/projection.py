"""Outputs in review as rows: what the manifest at a result pull request's head says of them."""

from __future__ import annotations

from dataclasses import asdict

from governance.mirrors import Mirror
from governance.models import Node, PullRequest
from governance.projection import on_pull_request
from jobs.models import JobRequest
from lockgate.formats import FormatError, Manifest, read_manifest
from publications.models import Output, ResultManifest


@on_pull_request
def read_outputs(pull_request: PullRequest, mirror: Mirror) -> None:
    """Write the rows of the head's manifest; where it cannot be read, or is of no result, there are none."""
    if pull_request.kind != "result_publication" or not pull_request.result_node:
        _forget(pull_request)
        return
    folder = f"results/{pull_request.request}/{pull_request.result_node}"
    manifest = _manifest(mirror, pull_request.head_sha, f"{folder}/manifest.yaml")
    node = Node.objects.filter(name=pull_request.result_node).first()
    if manifest is None or node is None:
        _forget(pull_request)
        return
    _write_manifest(pull_request, manifest, node)
    _write_outputs(pull_request, manifest, folder)


def _forget(pull_request: PullRequest) -> None:
    pull_request.outputs.all().delete()
    ResultManifest.objects.filter(pull_request=pull_request).delete()


def _manifest(mirror: Mirror, head: str, path: str) -> Manifest | None:
    content = mirror.read(head, path)
    try:
        return read_manifest(content, path) if content is not None else None
    except FormatError:
        return None  # the gate tells its author what is wrong with it


def _write_manifest(pull_request: PullRequest, manifest: Manifest, node: Node) -> None:
    ResultManifest.objects.update_or_create(
        pull_request=pull_request,
        defaults={
            "head_sha": pull_request.head_sha,
            "request": JobRequest.objects.filter(project=pull_request.project, slug=manifest.request).first(),
            "node": node,
            "request_blob": manifest.blob,
            "run": manifest.run,
            "root_run": manifest.root_run,
            "code": manifest.code,
            "image": manifest.image or "",
            "started_at": manifest.started,
            "finished_at": manifest.finished,
            "disclosure": asdict(manifest.disclosure) if manifest.disclosure else None,
        },
    )


def _write_outputs(pull_request: PullRequest, manifest: Manifest, folder: str) -> None:
    pull_request.outputs.exclude(name__in=[each.name for each in manifest.outputs]).delete()
    for each in manifest.outputs:
        Output.objects.update_or_create(
            pull_request=pull_request,
            name=each.name,
            defaults={
                "head_sha": pull_request.head_sha,
                "path": f"{folder}/{each.name}",
                "controls": each.controls,
                "media_type": each.media_type,
                "size": each.size,
                "md5": each.md5,
                "sha256": each.sha256,
            },
        )
