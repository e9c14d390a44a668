"""A Code Repo as it stands before a pull request: its files, and good examples of what may be sent."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime

from lockgate.formats import (
    Account,
    DirectoryFile,
    DirectoryManifest,
    DvcFile,
    JobRequest,
    Manifest,
    ManifestOutput,
    OutputChoice,
    write_directory_manifest,
    write_dvc_file,
    write_job_request,
    write_manifest,
)

RESEARCHER, OTHER, NODE_APP = 1001, 1002, 4002
GOVERNANCE = b"""version: 1
researchers: [north-health/heart-researchers]
controllers: [north-health/heart-controllers]
nodes:
  north: {controllers: [north-health/north-controllers]}
  south: {controllers: [north-health/south-controllers]}
approvals:
  job_request: {quorum: 1, per_node: true}
  result_publication: {quorum: 2, per_node: true, blinded: false}
  withdrawal: {quorum: 1}
  code_change: {quorum: 1}
  policy_change: {quorum: 2, per_node: true}
disclosure:
  {min_count: 10, round_to: 5, max_rows: 5000, max_bytes: 16000000, media_types: [text/csv, image/png]}
service: {decide_within_days: 5}
"""
DVC_CONFIG = b"""[core]
    remote = publication
    analytics = false
['remote "publication"']
    url = http://127.0.0.1:8400/dvc/heart_study
    verify = true
    auth = basic
"""


def _output(name: str, media_type: str, kind: str = "file") -> dict[str, str]:
    return {"name": name, "kind": kind, "media_type": media_type, "description": f"The {name}"}


JOB_TYPE = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Survival",
    "description": "Survival after transplantation.",
    "type": "object",
    "additionalProperties": False,
    "required": ["start"],
    "properties": {
        "start": {"type": "string", "format": "date", "title": "From"},
        "by": {"type": "string", "enum": ["age", "sex"], "default": "age"},
        "bins": {"type": "integer", "minimum": 2, "maximum": 20, "default": 5},
        "ages": {"type": "array", "items": {"type": "integer", "minimum": 0}, "maxItems": 3, "default": []},
    },
    "x-outputs": [
        _output("counts.csv", "text/csv"),
        _output("curve.png", "image/png"),
        _output("tables", "text/csv", "directory"),
        _output("notes.txt", "text/plain"),
    ],
}

REQUEST = JobRequest(
    version=1,
    id="2026-11-23-survival-by-age-k3f9",
    job="survival",
    title="Survival by age",
    purpose="It answers the project's first question.",
    requested_by=Account(RESEARCHER, "researcher"),
    nodes=("north",),
    parameters={"start": "1967-01-01", "by": "age", "bins": 4},
    outputs={"counts.csv": OutputChoice("counts under 10 suppressed")},
    repeats=None,
    depends_on=(),
)
REQUEST_PATH = f"jobs/{REQUEST.id}.yaml"

# On the base: one waits for its result, one has it, one had it until it was withdrawn.
WAITING = replace(
    REQUEST,
    id="2026-11-01-waiting-aaaa",
    outputs={"counts.csv": OutputChoice("rounded to 5"), "tables": OutputChoice("none needed")},
)
PUBLISHED = replace(REQUEST, id="2026-11-02-published-bbbb")
ALSO_PUBLISHED = replace(REQUEST, id="2026-11-01-also-published-eeee")
WITHDRAWN = replace(REQUEST, id="2026-11-03-withdrawn-cccc")
REMOVED_PATH = "jobs/2026-10-01-removed-dddd.yaml"


def blob_of(request: JobRequest) -> str:
    """Return the hash that Git gives the file of `request`."""
    data = write_job_request(request)
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def folder(request: JobRequest) -> str:
    """Return the folder of a request's result on north."""
    return f"results/{request.id}/north/"


LISTING = DirectoryManifest((DirectoryFile("a.csv", 10, "1" * 64), DirectoryFile("b/c.csv", 20, "2" * 64)))


def _hash(name: str) -> str:
    return hashlib.md5(name.encode()).hexdigest()


def manifest_of(request: JobRequest) -> Manifest:
    """Return the manifest of a good result."""
    listing = hashlib.sha256(write_directory_manifest(LISTING)).hexdigest()
    outputs = []
    for name, choice in request.outputs.items():
        folder_output = name == "tables"
        md5 = _hash(name) + (".dir" if folder_output else "")
        sha256 = listing if folder_output else hashlib.sha256(name.encode()).hexdigest()
        media_type = "image/png" if name.endswith(".png") else "text/csv"
        outputs.append(ManifestOutput(name, choice.controls, media_type, 30, md5, sha256))
    run = "1f0e3dad-9990-4345-b7b9-6e3cbb2d9b2f"
    return Manifest(
        version=1,
        request=request.id,
        blob=blob_of(request),
        run=run,
        root_run=run,
        node="north",
        code="c0de" * 10,
        image=None,
        started=datetime(2026, 11, 23, 10, 0, tzinfo=UTC),
        finished=datetime(2026, 11, 23, 10, 5, tzinfo=UTC),
        outputs=tuple(outputs),
        disclosure=None,
    )


def pointer_of(output: ManifestOutput) -> DvcFile:
    """Return the .dvc file of an output."""
    if output.md5.endswith(".dir"):
        return DvcFile(output.name, output.md5, output.size, len(LISTING.files), output.sha256)
    return DvcFile(output.name, output.md5, output.size)


def result_of(request: JobRequest, manifest: Manifest | None = None) -> dict[str, bytes]:
    """Return the files of a good result."""
    manifest = manifest or manifest_of(request)
    files = {f"{folder(request)}manifest.yaml": write_manifest(manifest)}
    for output in manifest.outputs:
        files[f"{folder(request)}{output.name}.dvc"] = write_dvc_file(pointer_of(output))
        if output.md5.endswith(".dir"):
            files[f"{folder(request)}{output.name}.sha256.json"] = write_directory_manifest(LISTING)
    return files


def base_files() -> dict[str, bytes]:
    """Return what stands on the default branch, without requests and results."""
    return {
        "governance.yaml": GOVERNANCE,
        "job_types/survival.json": json.dumps(JOB_TYPE, indent=2).encode(),
        ".dvc/config": DVC_CONFIG,
        ".dvc/.gitignore": b"/config.local\n/tmp\n/cache\n",
        ".github/workflows/gate.yaml": b"name: gate\n",
        "CODEOWNERS": b"* @north-health/heart-controllers\n",
        "README.md": b"# Heart study\n",
        "heart_study/definitions.py": b"from lockgate.dagster import request_sensor\nx = 1\n",
        "requirements.txt": b"lockgate==0.1.0 \\\n    --hash=sha256:aa\npandas==2.3.0\n",
        "requirements-gate.txt": b"lockgate==0.1.0 \\\n    --hash=sha256:aa\n",
        "jobs/.gitkeep": b"",
        "results/.gitkeep": b"",
    }


MERGED = (WAITING, PUBLISHED, ALSO_PUBLISHED, WITHDRAWN)


def requests() -> dict[str, bytes]:
    """Return the merged requests."""
    return {f"jobs/{each.id}.yaml": write_job_request(each) for each in MERGED}
