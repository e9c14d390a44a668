"""Required checks: passed where the newest word of that name is good, of a check run or a commit status."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from standins.github.site import Site
from standins.github.store import CheckRun, CommitStatus, Repository

PASSING = ("success", "neutral", "skipped")
_SAID = {
    "passed": "",
    "waiting": 'Required status check "{}" is in progress.',
    "failed": 'Required status check "{}" is failing.',
}


def missing_checks(
    site: Site, repository: Repository, required: Iterable[Mapping[str, Any]], sha: str
) -> list[str]:
    """What is not passed on this commit. Each check is {"context", "app_id"}; one that is pinned to an App
    counts from it alone; where a check run and a status have the same name, both must pass.
    """
    reasons = []
    for check in required:
        words = _words(site, repository, sha, check["context"], check["app_id"])
        if not words:
            reasons.append(f'Required status check "{check["context"]}" is expected.')
        else:
            worst = next((word for word in ("failed", "waiting") if word in words), "passed")
            reasons += [_SAID[worst].format(check["context"])] if _SAID[worst] else []
    return reasons


def _words(site: Site, repository: Repository, sha: str, name: str, app_id: int | None) -> list[str]:
    ours: dict[str, Any] = {"repository_id": repository.id}
    ours |= {} if app_id is None else {"app_id": app_id}
    runs = site.store.find(CheckRun, newest_first=True, head_sha=sha, **ours)
    statuses = site.store.find(CommitStatus, newest_first=True, sha=sha, **ours)
    run = next((run for run in runs if run.name == name), None)
    status = next((one for one in statuses if one.context.lower() == name.lower()), None)
    return ([_of_run(run)] if run else []) + ([_of_status(status)] if status else [])


def _of_run(run: CheckRun) -> str:
    if run.status != "completed":
        return "waiting"
    return "passed" if run.conclusion in PASSING else "failed"


def _of_status(status: CommitStatus) -> str:
    return {"success": "passed", "pending": "waiting"}.get(status.state, "failed")
