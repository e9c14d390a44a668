"""The check runs of workflow jobs, posted in the name of the Actions App."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from standins.github.actions.commands import Annotation
from standins.github.check_runs import CheckReport, create_check_run, update_check_run
from standins.github.site import Site
from standins.github.store import App, CheckRun, Repository


@dataclass(frozen=True)
class Checks:
    """Posts as the App with this id."""

    site: Site
    app_id: int

    @property
    def app(self) -> App:
        return self.site.store.get(App, self.app_id)

    def queue(
        self, repository: Repository, head_sha: str, name: str, external_id: str, run: int | None = None
    ) -> CheckRun:
        """`run` is the workflow run on whose page the job's log stands."""
        page = f"{self.site.url}/{self.site.full_name(repository)}/actions"
        report = CheckReport(
            name=name,
            status="queued",
            external_id=external_id,
            details_url=f"{page}/runs/{run}" if run else page,
        )
        return create_check_run(self.site, repository, self.app, head_sha, report)

    def start(self, check: CheckRun) -> CheckRun:
        return self._update(check, CheckReport(status="in_progress"))

    def finish(
        self,
        check: CheckRun,
        conclusion: str,
        title: str,
        summary: str = "",
        notes: Sequence[Annotation] = (),
    ) -> CheckRun:
        output = {"title": title or None, "summary": summary or None, "text": None}
        annotations = [_as_served(note) for note in notes]
        return self._update(check, CheckReport(conclusion=conclusion, output=output, annotations=annotations))

    def _update(self, check: CheckRun, report: CheckReport) -> CheckRun:
        repository = self.site.store.get(Repository, check.repository_id)
        return update_check_run(self.site, repository, self.app, check, report)


def _as_served(note: Annotation) -> dict[str, Any]:
    return {
        "path": note.path,
        "start_line": note.line,
        "end_line": note.end_line,
        "start_column": note.column,
        "end_column": note.end_column,
        "annotation_level": note.level,
        "title": note.title,
        "message": note.message,
        "raw_details": None,
    }
