"""Looks at main for requests that may run: Git first, GitHub only where the answer decides something."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from lockgate.dagster.cursor import Cursor
from lockgate.dagster.job_types import JobType, ParametersRefused
from lockgate.dagster.plan import Found
from lockgate.dagster.settings import SensorSettings
from lockgate.evidence import Approved, Commit, GitHubReader, Held, Judgement, Mirror, examine_merge
from lockgate.formats import FormatError, JobRequest, Kind, read_job_request
from lockgate.formats.names import request_id_problem


@dataclass(frozen=True)
class Survey:
    """One look at a fetched mirror. `in_time` says whether there is time to look at one more request."""

    mirror: Mirror
    reader: GitHubReader
    settings: SensorSettings
    job_types: Mapping[str, JobType]
    in_time: Callable[[], bool]

    def look(self, cursor: Cursor) -> tuple[tuple[Found, ...], str]:
        """Return what was found of new and of waiting requests, and the last commit read in full.

        Raises `HistoryRewritten` where main no longer contains the cursor.
        """
        tip = self.mirror.tip(self.settings.default_branch)
        found: dict[str, Found] = {}
        read_up_to = cursor.sha
        for commit in self.mirror.merges_since(cursor.sha, tip):
            if not self.in_time():
                break
            found |= {each.request: each for each in self._added_by(commit, tip)}
            read_up_to = commit.sha
        for request in cursor.waiting:
            if request not in found and self.in_time():
                found[request] = self._again(request, tip)
        return tuple(found.values()), read_up_to

    def _added_by(self, commit: Commit, tip: str) -> Iterator[Found]:
        for path in self.mirror.added(commit.sha, "jobs"):
            request = path.removeprefix("jobs/").removesuffix(".yaml")
            if path != f"jobs/{request}.yaml" or request_id_problem(request) is not None:
                continue  # no request: the gate refuses such a file, and nothing could name it
            found = self._read(request, commit, tip)
            wanted = found.for_this_node and not found.has_results
            yield replace(found, judgement=self._judge(request, commit)) if wanted else found

    def _again(self, request: str, tip: str) -> Found:
        """Look at a waiting request; its approval is asked for only when nothing else is in the way."""
        path = f"jobs/{request}.yaml"
        commit = self.mirror.first_with(path, self.settings.since, tip)
        if commit is None:
            return Found(request, "", "", obstacle="The request is no longer on main.")
        found = self._read(request, commit, tip)
        if found.obstacle is not None or found.has_results:
            return found
        return replace(found, judgement=self._judge(request, commit))

    def _read(self, request: str, commit: Commit, tip: str) -> Found:
        path = f"jobs/{request}.yaml"
        found = Found(request, self.mirror.blob(commit.sha, path) or "", commit.sha)
        try:
            asked = read_job_request(self.mirror.read(commit.sha, path) or b"", path)
        except FormatError:
            return replace(found, obstacle="The request cannot be read.")
        if self.settings.node not in asked.nodes:
            return replace(found, for_this_node=False)
        if self._has_results(request, tip):
            return replace(found, has_results=True)
        return self._prepare(found, asked, tip)

    def _prepare(self, found: Found, asked: JobRequest, tip: str) -> Found:
        missing = [request for request in asked.depends_on if not self._has_results(request, tip)]
        if missing:
            return replace(found, obstacle=f"Waits for the results of {', '.join(missing)}.")
        job_type = self.job_types.get(asked.job)
        if job_type is None:
            return replace(found, obstacle=f"The job {asked.job} is not loaded in this code location yet.")
        try:
            return replace(found, job=asked.job, run_config=job_type.run_config(asked.parameters))
        except ParametersRefused as refused:
            return replace(found, obstacle=str(refused))

    def _judge(self, request: str, commit: Commit) -> Judgement:
        judgement = examine_merge(
            commit,
            mirror=self.mirror,
            reader=self.reader,
            expected=self.settings.expected,
            node_accounts=self.settings.node_accounts,
            now=datetime.now(UTC),
        )
        if isinstance(judgement, Approved) and (judgement.kind, judgement.request) != (
            Kind.JOB_REQUEST,
            request,
        ):
            return Held(
                "Merged without approval: the pull request that was approved asked for another thing."
            )
        return judgement

    def _has_results(self, request: str, tip: str) -> bool:
        return bool(self.mirror.paths(tip, f"results/{request}/{self.settings.node}/"))
