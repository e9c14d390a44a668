"""Much history on the local GitHub, written straight into its store and its bare repositories."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from standins.github.site import Site
from standins.github.store import CheckRun, CheckSuite, PullRequest, Repository, Review
from tests.governance.seed import ACTIONS, IDS, PORTAL_APP
from tests.governance.world import a_request, request_file

FIRST_DAY = datetime(2020, 1, 1, tzinfo=UTC)
MANY_FILES, MANY_REVIEWS = 300, 120
ONE_IN_SO_MANY_IS_LARGE = 200
ONE_IN_SO_MANY_ASKS = 10


@dataclass(frozen=True)
class Merged:
    """A merged pull request to be: `files` are what it adds."""

    number: int
    files: dict[str, str]

    @property
    def large(self) -> bool:
        return self.number % ONE_IN_SO_MANY_IS_LARGE == 0

    @property
    def at(self) -> str:
        moment = FIRST_DAY + timedelta(minutes=10 * self.number)
        return moment.isoformat().replace("+00:00", "Z")


def planned(count: int) -> Iterator[Merged]:
    """One in ten is a job request, the others change code; one in two hundred is large."""
    for number in range(1, count + 1):
        if number % ONE_IN_SO_MANY_IS_LARGE == 0:
            files = {f"study/{number}/part_{part}.txt": f"{part}\n" for part in range(MANY_FILES)}
        elif number % ONE_IN_SO_MANY_ASKS == 0:
            files = request_file(a_request(id=f"2020-01-01-measured-{number}-k3f9"))
        else:
            files = {f"study/{number % 100}/note_{number}.txt": f"{number}\n"}
        yield Merged(number, files)


def write_history(site: Site, repository: Repository, count: int) -> None:
    """So many merged pull requests, with reviews and the checks of three suites."""
    heads = _write_git(site.git(repository).path, list(planned(count)))
    with site.store.transaction():
        for pull in planned(count):
            base, head, merge = heads[pull.number]
            _write_rows(site, repository, pull, base, head, merge)


def _write_git(path: Path, pulls: list[Merged]) -> dict[int, tuple[str, str, str]]:
    """Base, head and merge commit of each, by its number."""
    main = _git(path, "rev-parse", "refs/heads/main").strip()
    marks = path.with_suffix(".marks")
    _git(path, "fast-import", "--quiet", f"--export-marks={marks}", given="".join(_stream(pulls, main)))
    shas = dict(line.split() for line in marks.read_text().splitlines())
    found, base = {}, main
    for pull in pulls:
        head, merge = shas[f":{2 * pull.number}"], shas[f":{2 * pull.number + 1}"]
        found[pull.number] = (base, head, merge)
        base = merge
    return found


def _stream(pulls: list[Merged], main: str) -> Iterator[str]:
    base = main
    for pull in pulls:
        when = int(datetime.fromisoformat(pull.at).timestamp())
        files = "".join(f"M 100644 inline {path}\n{_data(text)}" for path, text in pull.files.items())
        who = f"researcher <researcher@example.org> {when} +0000\n"
        head, merge = f":{2 * pull.number}", f":{2 * pull.number + 1}"
        yield _commit(f"refs/pull/{pull.number}/head", head, f"{who}{_data('Change')}from {base}\n{files}")
        own = f"{who}{_data('Merge')}from {base}\nmerge {head}\n{files}"
        yield _commit("refs/heads/main", merge, own)
        base = merge


def _commit(ref: str, mark: str, content: str) -> str:
    return f"commit {ref}\nmark {mark}\ncommitter {content}\n"


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"


def _git(path: Path, *arguments: str, given: str = "") -> str:
    done = subprocess.run(
        ["git", "-C", str(path), *arguments], input=given, capture_output=True, text=True, check=True
    )
    return done.stdout


def _write_rows(site: Site, repository: Repository, pull: Merged, base: str, head: str, merge: str) -> None:
    at = pull.at
    times = {"merged_at": at, "closed_at": at, "created_at": at, "updated_at": at}
    row = site.store.insert(
        PullRequest(
            *(0, repository.id, pull.number, f"Change {pull.number}", "Why.", IDS["researcher"]),
            *(f"change-{pull.number}", head, "main", base),
            state="closed",
            merge_commit_sha=merge,
            merged_by=IDS["controller"],
            **times,
        )
    )
    for _ in range(MANY_REVIEWS if pull.large else 1):
        review = Review(0, row.id, IDS["controller"], "APPROVED", "Good.", head, at)
        site.store.insert(review)
    for app, name in ((ACTIONS, "gate"), (ACTIONS, "ci"), (PORTAL_APP, "lockgate/policy")):
        _write_check(site, repository, app, name, head, at)


def _write_check(site: Site, repository: Repository, app: int, name: str, head: str, at: str) -> None:
    suite = site.store.put(CheckSuite(0, repository.id, app, head, created_at=at))
    times = {"started_at": at, "completed_at": at}
    run = CheckRun(0, repository.id, suite.id, app, name, head, "completed", "success", **times)
    site.store.insert(run)
