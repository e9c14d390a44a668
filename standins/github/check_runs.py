"""Check runs: written by an App, grouped in its suite for a commit. The API and workflow runs use it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from standins.github.clock import now
from standins.github.errors import invalid
from standins.github.events import Event
from standins.github.site import Site
from standins.github.store import App, CheckRun, CheckSuite, PullRequest, Repository

CONCLUSIONS = (
    "success",
    "failure",
    "neutral",
    "cancelled",
    "skipped",
    "timed_out",
    "action_required",
)
STATUSES = ("queued", "in_progress", "completed")


@dataclass(frozen=True)
class CheckReport:
    """What an App says of a check; a conclusion completes it. None leaves what was said before."""

    name: str | None = None
    status: str | None = None
    conclusion: str | None = None
    external_id: str | None = None
    details_url: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    output: dict[str, Any] | None = None
    annotations: list[dict[str, Any]] = field(default_factory=list)


def create_check_run(
    site: Site, repository: Repository, app: App, head_sha: str, report: CheckReport
) -> CheckRun:
    """Raises 422 for a commit that is not there, or a status or conclusion that does not exist."""
    if site.git(repository).resolve(head_sha) != head_sha:
        raise invalid("Validation Failed", f"No commit found for SHA: {head_sha}")
    with site.store.transaction():
        suite = suite_for(site, repository, app, head_sha)
        row = CheckRun(0, repository.id, suite.id, app.id, report.name or "", head_sha, "queued")
        row = site.store.insert(_reported(row, report))
    _tell(site, repository, app, row, "created")
    if row.status == "completed":
        _tell_done(site, repository, app, row)
    return row


def update_check_run(
    site: Site, repository: Repository, app: App, row: CheckRun, report: CheckReport
) -> CheckRun:
    before = row.status
    row = _reported(row, report)
    site.store.update(row, **{name: value for name, value in vars(row).items() if name != "id"})
    if row.status == "completed" and before != "completed":
        _tell_done(site, repository, app, row)
    return row


def verdict(runs: list[CheckRun]) -> tuple[str, str | None]:
    """The status and conclusion of a suite from those of its runs; of each name the newest counts."""
    if not runs:
        return "queued", None
    newest = {run.name: run for run in sorted(runs, key=lambda run: run.id)}.values()
    if any(run.status != "completed" for run in newest):
        return "in_progress", None
    bad = [run.conclusion for run in newest if run.conclusion not in ("success", "neutral", "skipped")]
    return "completed", bad[0] if bad else "success"


def suite_for(site: Site, repository: Repository, app: App, head_sha: str) -> CheckSuite:
    """The App's suite for a commit; made where there is none yet."""
    found = site.store.first(CheckSuite, repository_id=repository.id, app_id=app.id, head_sha=head_sha)
    if found is not None:
        return found
    pull = site.store.first(PullRequest, repository_id=repository.id, head_sha=head_sha)
    branch = pull.head_ref if pull else _branch_at(site, repository, head_sha)
    return site.store.insert(CheckSuite(0, repository.id, app.id, head_sha, branch, now()))


def _branch_at(site: Site, repository: Repository, sha: str) -> str | None:
    heads = site.git(repository).refs("refs/heads/").items()
    return next((name.removeprefix("refs/heads/") for name, tip in heads if tip == sha), None)


def _reported(row: CheckRun, report: CheckReport) -> CheckRun:
    status = "completed" if report.conclusion else report.status or row.status
    if status not in STATUSES or (report.conclusion and report.conclusion not in CONCLUSIONS):
        raise invalid("Invalid request.", f"{status} or {report.conclusion} does not exist")
    if status == "completed" and not (report.conclusion or row.conclusion):
        raise invalid("Invalid request.", "a completed check needs a conclusion")
    done = status == "completed"
    return replace(
        row,
        name=report.name or row.name,
        status=status,
        conclusion=(report.conclusion or row.conclusion) if done else None,
        external_id=row.external_id if report.external_id is None else report.external_id,
        details_url=report.details_url or row.details_url,
        output=row.output if report.output is None else report.output,
        annotations=[*row.annotations, *report.annotations],
        started_at=report.started_at or row.started_at or now(),
        completed_at=(report.completed_at or row.completed_at or now()) if done else None,
    )


def _tell_done(site: Site, repository: Repository, app: App, row: CheckRun) -> None:
    """The run is done; with the last of its suite the suite is."""
    _tell(site, repository, app, row, "completed")
    if verdict(site.store.find(CheckRun, check_suite_id=row.check_suite_id))[0] == "completed":
        suite = site.store.get(CheckSuite, row.check_suite_id)
        sender = site.account(app.account_id)
        site.bus.emit(
            Event("check_suite", "completed", repository, None, sender, app.id, {"check_suite": suite})
        )


def _tell(site: Site, repository: Repository, app: App, row: CheckRun, action: str) -> None:
    sender = site.account(app.account_id)
    site.bus.emit(Event("check_run", action, repository, None, sender, app.id, {"check_run": row}))
