"""Check suites and check runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from standins.github.check_runs import verdict
from standins.github.graphql import commits
from standins.github.graphql.paging import Connection, Window, connect
from standins.github.graphql.scope import Scope
from standins.github.serialisers.accounts import node_id
from standins.github.store import App as AppRow
from standins.github.store import CheckRun as RunRow
from standins.github.store import CheckSuite as SuiteRow

if TYPE_CHECKING:
    from standins.github.graphql.commits import Commit


@dataclass(frozen=True)
class App:
    row: AppRow
    typename = "App"

    @property
    def id(self) -> str:
        return node_id("A", self.row.id)

    @property
    def database_id(self) -> int:
        return self.row.id


@dataclass(frozen=True)
class CheckSuite:
    scope: Scope
    row: SuiteRow
    typename = "CheckSuite"

    @property
    def id(self) -> str:
        return node_id("CS", self.row.id)

    @property
    def database_id(self) -> int:
        return self.row.id

    @property
    def status(self) -> str:
        return verdict(self._runs())[0].upper()

    @property
    def conclusion(self) -> str | None:
        found = verdict(self._runs())[1]
        return found.upper() if found else None

    @property
    def updated_at(self) -> str:
        """When the newest of its runs began or ended."""
        times = [at for run in self._runs() for at in (run.started_at, run.completed_at) if at]
        return max([self.row.created_at, *times])

    def app(self) -> App:
        return App(self.scope.site.store.get(AppRow, self.row.app_id))

    def commit(self) -> Commit:
        return commits.Commit(self.scope, self.row.head_sha)

    def check_runs(self, filter_by: dict[str, Any] | None = None, **window: Any) -> Connection[CheckRun]:
        wanted = filter_by or {}
        runs = [run for run in self._runs() if _wanted(run, wanted)]
        if wanted.get("checkType") == "LATEST":
            newest = {run.name: run.id for run in runs}
            runs = [run for run in runs if newest[run.name] == run.id]
        found = [CheckRun(self.scope, run) for run in runs]
        return connect(found, Window("checkRuns", **window), lambda run: (run.row.id,))

    def _runs(self) -> list[RunRow]:
        return self.scope.site.store.find(RunRow, check_suite_id=self.row.id)


@dataclass(frozen=True)
class CheckRun:
    scope: Scope
    row: RunRow
    typename = "CheckRun"

    @property
    def id(self) -> str:
        return node_id("CR", self.row.id)

    @property
    def database_id(self) -> int:
        return self.row.id

    @property
    def status(self) -> str:
        return self.row.status.upper()

    @property
    def conclusion(self) -> str | None:
        return self.row.conclusion.upper() if self.row.conclusion else None

    @property
    def title(self) -> str | None:
        return self.row.output.get("title")

    @property
    def summary(self) -> str | None:
        return self.row.output.get("summary")

    @property
    def text(self) -> str | None:
        return self.row.output.get("text")

    def check_suite(self) -> CheckSuite:
        return CheckSuite(self.scope, self.scope.site.store.get(SuiteRow, self.row.check_suite_id))


def suites(scope: Scope, sha: str, wanted: dict[str, Any]) -> list[CheckSuite]:
    """The check suites of a commit, oldest first; the caller has been asked for `checks: read`."""
    rows = scope.site.store.find(SuiteRow, repository_id=scope.repository.id, head_sha=sha)
    return [CheckSuite(scope, row) for row in rows if wanted.get("appId") in (None, row.app_id)]


def _wanted(run: RunRow, wanted: dict[str, Any]) -> bool:
    return wanted.get("appId") in (None, run.app_id) and wanted.get("checkName") in (None, run.name)
