"""A request whose outputs the node has proposed: rows read from a real manifest, a node with its own key."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import transaction
from nacl.signing import SigningKey

from governance import messages
from governance.mirrors import mirror
from governance.models import Node, OutboundMessage, PullRequest
from governance.projection.listeners import tell_pull_request
from jobs.models import JobRequest
from lockgate.formats import Manifest, ManifestOutput, write_manifest
from lockgate.messages import (
    Body,
    Envelope,
    Preview,
    PreviewMade,
    PreviewWanted,
    ReleasedFile,
    ReleaseReported,
    ReleaseState,
    read_body,
    seal,
    seal_preview,
    unseal,
    write_verify_key,
)
from publications.store import key_of
from tests.pages import world as pages
from tests.pages.said import APPROVED
from tests.pages.world import MERGE, SLUG, World
from tests.publications.arrange import Bytes
from tests.services.s3 import S3

TABLE = Bytes("incidence.csv", b"region,n\nnorth,20\nsouth,35\n")
PLOT = Bytes("incidence.png", b"\x89PNG and so on", "image/png")
CONTROLS = "counts under 10 suppressed, the rest rounded to 5"
RELEASE = "7e1ea5e" + "0" * 33
OUTPUTS = f"/projects/heart_study/requests/{SLUG}/outputs/north/"
PUBLICATION = f"/projects/heart_study/publications/{SLUG}/"


@dataclass
class NodeWorker:
    """A node as the portal hears it: messages signed with the node's key, numbered from one."""

    row: Node
    key: SigningKey = field(default_factory=SigningKey.generate)
    number: int = 0

    def __post_init__(self) -> None:
        self.row.message_key = write_verify_key(self.key)
        self.row.save()

    def says(self, body: Body) -> None:
        self.number += 1
        sender = f"node.{self.row.name}"
        envelope = Envelope(sender, "portal", self.number, body.kind, body.to_body(), datetime.now(UTC))
        messages.receive(seal(envelope, self.key))

    def was_asked(self) -> list[PreviewWanted]:
        """The previews that the portal asked this node for, oldest first."""
        rows = OutboundMessage.objects.filter(recipient=f"node.{self.row.name}").order_by("number")
        portal = messages._key().verify_key
        sent = [unseal(row.wire, portal, recipient=row.recipient) for row in rows]
        bodies = [read_body(each.kind, each.body, from_portal=True) for each in sent]
        return [body for body in bodies if isinstance(body, PreviewWanted)]

    def shows(self, preview: Preview, *, key: str = "") -> None:
        """Answer what was asked last, sealed to the key that came with it."""
        wanted = self.was_asked()[-1]
        sealed = seal_preview(preview, key or wanted.public_key)
        self.says(PreviewMade(preview=wanted.preview, sealed=sealed, reason=None))

    def reports(self, change: PullRequest, state: ReleaseState, *files: Bytes, **said: object) -> None:
        """A release of this pull request, as it stands now or at `at`."""
        total = sum(len(each.content) for each in files)
        given: dict[str, object] = {
            "project": "heart_study",
            "request": change.request,
            "pull_request": change.number,
            "merge": RELEASE,
            "reason": None,
            "bytes_done": total,
            "bytes_total": total,
            "at": datetime.now(UTC),
        }
        told = tuple(
            ReleasedFile(each.path, each.md5, each.sha256, len(each.content), each.media_type)
            for each in files
        )
        self.says(ReleaseReported(state=state, files=told, **(given | said)))  # type: ignore[arg-type]


@dataclass
class Scene:
    world: World
    node: NodeWorker
    request: JobRequest
    change: PullRequest

    def merge(self) -> PullRequest:
        """The result pull request as the portal reads it after its merge."""
        self.change.state, self.change.merge_sha = "merged", RELEASE
        self.change.merged_at, self.change.merged_by = self.world.now, self.world.people["controller-2"]
        self.change.save()
        return self.change


def propose(world: World, *outputs: Bytes, **said: object) -> Scene:
    """A merged request whose outputs stand in a result pull request, with the manifest at its head."""
    node = NodeWorker(world.node)
    request = pages.request(world, state="merged", decision=APPROVED, **said)
    change = pages.result(world, request)
    pages.lane(world, request, "in_review", result=change)
    scene = Scene(world, node, request, change)
    read_head(scene, manifest_file(request, *(outputs or (TABLE, PLOT))))
    return scene


def store(scene: Scene, s3: S3, *files: Bytes) -> None:
    """The node's publication storage, whose keys the portal has, with the bytes of these files in it."""
    row = scene.node.row
    row.storage = {
        "publication": {
            "endpoint": "http://127.0.0.1:1",
            "read_endpoint": s3.endpoint,
            "bucket": "publication",
            "keys": "NORTH_PUBLICATION",
        }
    }
    row.save()
    for file in files:
        s3.client().put_object(Bucket="publication", Key=key_of("heart_study", file.md5), Body=file.content)


def read_head(scene: Scene, manifest: bytes) -> str:
    """A new head with this manifest, as the portal's projection reads it from the mirror."""
    change = scene.change
    folder = f"results/{change.request}/{change.result_node}"
    change.head_sha = on_branch(scene.world.project.code_repo, {f"{folder}/manifest.yaml": manifest})
    change.save()
    with transaction.atomic():
        tell_pull_request(change, mirror(scene.world.project.code_repo))
    return change.head_sha


def manifest_file(request: JobRequest, *outputs: Bytes, controls: str = CONTROLS) -> bytes:
    at = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    rows = tuple(
        ManifestOutput(each.path, controls, each.media_type, len(each.content), each.md5, each.sha256)
        for each in outputs
    )
    run = "6b1f2c3d-0000-4000-8000-000000000000"
    return write_manifest(
        Manifest(
            version=1,
            request=request.slug,
            blob=request.blob,
            run=run,
            root_run=run,
            node="north",
            code=MERGE,
            image=None,
            started=at,
            finished=at + timedelta(minutes=3),
            outputs=rows,
            disclosure=None,
        )
    )


def on_branch(repo: str, files: Mapping[str, bytes]) -> str:
    """A commit with these files in a fresh mirror of the repository."""
    where = mirror(repo)
    shutil.rmtree(where.path, ignore_errors=True)
    where.path.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "init", "--bare", "--quiet", "-b", "main", str(where.path)], check=True)
    digest = hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()
    stream = (
        f"commit refs/heads/results\ncommitter Node <node@example.org> 1763900000 +0000\ndata 64\n{digest}"
    )
    body = b"".join(
        f"\nM 100644 inline {path}\ndata {len(content)}\n".encode() + content
        for path, content in files.items()
    )
    command = ["git", "--git-dir", str(where.path), "fast-import", "--quiet"]
    subprocess.run(command, input=stream.encode() + body + b"\n", check=True)
    head = where.tip("results")
    assert head is not None
    return head


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
