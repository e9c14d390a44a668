"""What a project's sensor gets from the worker: settings and a narrow token, each replaced in one step."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path

from lockgate.formats import Node, Project

SETTINGS = "settings.json"
TOKEN = "token"  # noqa: S105  # a file's name
READ_ONLY = {"contents": "read", "pull_requests": "read", "checks": "read"}


def sensor_settings(node: Node, project: Project, *, github_url: str, default_branch: str) -> bytes:
    """The sensor's settings as JSON."""
    value = {
        "node": node.name,
        "github_url": github_url,
        "repository": project.code_repo,
        "since": project.since,
        "default_branch": default_branch,
        "portal_app_id": node.portal.app_id,
        "node_accounts": {node.name: node.app.account},
        "minimums": {str(kind): asdict(approvals) for kind, approvals in project.minimums.items()},
        "approved_before": list(project.approved_before),
    }
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()


def write_sensor_files(folder: Path, settings: bytes, token: str) -> None:
    """Bring both files of a project's folder up to date; a reader sees the old or the new, never a half."""
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / TOKEN, token.encode())
    _replace(folder / SETTINGS, settings)


def withdraw_sensor_files(root: Path, keep: Collection[str]) -> None:
    """Take settings and token from every project not in `keep`: without them its sensor launches nothing."""
    for folder in root.iterdir():
        if folder.is_dir() and folder.name not in keep:
            shutil.rmtree(folder)


def _replace(path: Path, content: bytes) -> None:
    if path.exists() and path.read_bytes() == content:
        return
    draft = path.with_name(f".{path.name}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o640)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
