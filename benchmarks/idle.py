"""An hour in which nothing happens in 100 projects: what the periodic passes ask of GitHub."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks import reports, server
from benchmarks.counted_github import counted, counts
from standins.github.git import ZERO
from standins.github.site import Site
from standins.github.store import CheckRun, CheckSuite, PullRequest, Push
from tests import portal_environment as environment
from tests.governance.seed import ACTIONS, CODE_REPO, IDS, NODE_REPO, ORGANIZATION, seed
from tests.governance.world import GOVERNANCE, furnish, served

PROJECTS, PASSES = 100, 12
SETTLING = 6  # passes until all is read, and read again once the checks are posted
AT = "2026-11-20T12:00:00Z"
PROJECT = """version: 1
name: project_{number}
code_repo: north-health/project-{number}
since: {since}
code_location: project_{number}
publication: publication
"""


def run() -> None:
    with tempfile.TemporaryDirectory(prefix="lockgate-bench-") as name, server.database() as held:
        folder = Path(name)
        with served(folder) as world:
            furnish(world)
        _write_projects(folder / "github")
        held.connect()
        with counted(folder / "github", _seed(), environment.GITHUB_PORT) as github:
            for _ in range(SETTLING):
                _counted_pass(github)
            asked = [_counted_pass(github) for _ in range(PASSES)]
            looked = _counted_look_at_posture(github)
    each_hour = timedelta(hours=1) / _period() / PASSES
    reports.line(
        "idle_pass",
        projects=PROJECTS,
        requests=max(one["requests"] for one in asked),
        points_an_hour=round(sum(one["points"] for one in asked) * each_hour),
        passes_an_hour=round(PASSES * each_hour),
        posture_requests_an_hour=round(looked * (timedelta(hours=1) / _posture_period())),
        floor="one request and one point for each pass",
        floor_points_an_hour=round(PASSES * each_hour),
    )


def _period() -> timedelta:
    from governance.passes import PASS_EVERY

    return PASS_EVERY


def _counted_pass(github: str) -> dict[str, int]:
    """As if the time between two passes had gone by."""
    from django.db.models import F

    from governance.models import Team, Work

    Work.objects.update(due_at=F("due_at") - _period())
    Team.objects.update(confirmed_at=F("confirmed_at") - _period())
    _one_pass()
    return counts(github)


def _posture_period() -> timedelta:
    from governance.posture.steps import EVERY

    return EVERY


def _counted_look_at_posture(github: str) -> int:
    """The requests of one look at every repository."""
    from governance.models import Work
    from governance.work import STEPS

    for subject in Work.objects.filter(kind="read_posture").values_list("subject", flat=True):
        STEPS["read_posture"](subject)
    return counts(github)["requests"]


def _one_pass() -> None:
    from governance.passes import ask_for_what_is_due
    from governance.tasks import take_in

    ask_for_what_is_due()
    take_in(seconds=600)


def _seed() -> dict[str, Any]:
    """The usual one with a repository and two teams for each project."""
    said = seed(environment.APP_KEY_FILE)
    names = [f"project-{number}" for number in range(PROJECTS)]
    for name in names:
        for role, member in (("researchers", "researcher"), ("controllers", "controller")):
            said["teams"].append(
                {"organization": ORGANIZATION, "slug": f"{name}-{role}", "members": [member]}
            )
        teams = {f"{name}-researchers": "push", f"{name}-controllers": "push", "maintainers": "admin"}
        repository = {"owner": ORGANIZATION, "name": name, "private": True, "default_branch": "main"}
        said["repositories"].append({**repository, "teams": teams})
    for app in said["apps"]:
        app["installations"] = [{"account": ORGANIZATION}]
    return said


def _write_projects(data: Path) -> None:
    """Each repository begins as a copy of the Code Repo, with teams of its own and one open pull request."""
    from standins.github import Seed
    from standins.github.seed import apply_seed

    site = Site(data, environment.GITHUB_URL)
    apply_seed(site, Seed.of(_seed()))
    code, node = (site.repository_named(*name.split("/")) for name in (CODE_REPO, NODE_REPO))
    assert code is not None
    assert node is not None
    since = site.git(code).ref("refs/heads/main") or ""
    entries = {}
    for number in range(PROJECTS):
        _write_project(site, number, site.git(code).path)
        entries[f"projects/project_{number}.yaml"] = PROJECT.format(number=number, since=since)
    _commit(site.git(node).path, "refs/heads/main", entries)
    site.close()


def _write_project(site: Site, number: int, template: Path) -> None:
    repository = site.repository_named(ORGANIZATION, f"project-{number}")
    assert repository is not None
    path = site.git(repository).path
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(template, path)
    policy = GOVERNANCE.decode().replace("heart-", f"project-{number}-")
    base = _commit(path, "refs/heads/main", {"governance.yaml": policy})
    _commit(path, "refs/heads/change", {"notes.txt": "One open change.\n"}, start=base)
    head = _commit(path, "refs/pull/1/head", {}, start="refs/heads/change")
    times = {"created_at": AT, "updated_at": AT}
    who, change = IDS["researcher"], ("change", head, "main", base)
    site.store.insert(PullRequest(0, repository.id, 1, "Open", "Why.", who, *change, **times))
    pushed = (repository.id, who, "refs/heads/change", ZERO, head, "branch_creation", AT)
    site.store.insert(Push(0, *pushed))
    suite = site.store.put(CheckSuite(0, repository.id, ACTIONS, head, created_at=AT))
    run = CheckRun(0, repository.id, suite.id, ACTIONS, "gate", head, "completed", "success", completed_at=AT)
    site.store.insert(run)


def _commit(path: Path, ref: str, files: dict[str, str], start: str = "") -> str:
    """One more commit on a ref, or the ref itself set to `start` where there are no files; its name."""
    if not files:
        _git(path, "update-ref", ref, start)
        return _git(path, "rev-parse", ref)
    content = "".join(f"M 100644 inline {name}\ndata {len(text)}\n{text}\n" for name, text in files.items())
    begin = f"commit {ref}\ncommitter researcher <researcher@example.org> 1763640000 +0000\ndata 6\nChange\n"
    _git(path, "fast-import", "--quiet", given=f"{begin}from {start or ref + '^0'}\n{content}\n")
    return _git(path, "rev-parse", ref)


def _git(path: Path, *arguments: str, given: str = "") -> str:
    done = subprocess.run(
        ["git", "-C", str(path), *arguments], input=given, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
