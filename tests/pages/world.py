"""A small world of rows for the pages: people by role, a node, a project, requests in many states."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group, User
from django.utils import timezone
from guardian.shortcuts import assign_perm

from governance.mirrors import mirror
from governance.models import (
    CheckRun,
    Comment,
    Node,
    Person,
    Project,
    PullRequest,
    Registration,
    RemoteAct,
    Review,
    ServiceState,
    Team,
    TeamMember,
)
from jobs.models import JobRequest, JobType, Lane, Run
from jobs.reading import earlier_request
from lockgate.formats import write_job_request
from lockgate.policy import to_json
from tests.pages.said import GOVERNANCE, OUTPUTS, SCHEMA, WAITING

HEAD = "3f9c2ab" + "0" * 33
MERGE = "91d04ee" + "0" * 33
SLUG = "2026-11-23-incidence-by-region-k3f9"
PURPOSE = (
    "Regional incidence is the first figure of the approved protocol, and the ethics board asked for it."
)


@dataclass
class World:
    """The people by role, and the node and project they share."""

    people: dict[str, Person]
    node: Node
    project: Project
    now: datetime
    numbers: int = 0

    def number(self) -> int:
        self.numbers += 1
        return self.numbers


def build() -> World:
    """People, teams and permissions; nothing is requested yet."""
    ids = {
        "researcher": 1001,
        "researcher-2": 1002,
        "controller": 1003,
        "controller-2": 1004,
        "maintainer": 1005,
    }
    people = {login: _person(login, number) for login, number in (ids | {"outsider": 1006}).items()}
    people["lockgate-north[bot]"] = Person.objects.create(
        account_id=4002, login="lockgate-north[bot]", is_bot=True
    )
    now = timezone.now()
    node, project = _node(now), _project(now)
    Registration.objects.create(
        project=project, node=node, since=MERGE, code_location="heart_study", publication="publication"
    )
    world = World(people, node, project, now)
    _teams(world)
    JobType.objects.create(
        project=project,
        name="incidence_by_region",
        title=SCHEMA["title"],
        description=SCHEMA["description"],
        schema={**SCHEMA, "x-outputs": OUTPUTS},
        outputs=OUTPUTS,
        blob=HEAD,
    )
    return world


def _person(login: str, account_id: int) -> Person:
    user = User.objects.create(username=f"github-{account_id}")
    return Person.objects.create(account_id=account_id, login=login, user=user)


def _node(now: datetime) -> Node:
    return Node.objects.create(
        name="north",
        repo="north-health/north-node",
        app_id=3002,
        app_slug="lockgate-north",
        app_account=4002,
        message_key="A" * 44,
        portal_app_id=3001,
        controllers=["north-health/north-controllers"],
        maintainers=["north-health/maintainers"],
        main_sha=MERGE,
        confirmed_at=now,
    )


def _project(now: datetime) -> Project:
    return Project.objects.create(
        name="heart_study",
        code_repo="north-health/heart-study",
        governance=GOVERNANCE,
        main_sha=MERGE,
        confirmed_at=now,
    )


def _teams(world: World) -> None:
    people, project, node = world.people, world.project, world.node
    researchers = _team(world, "heart-researchers", "researcher", "researcher-2")
    controllers = _team(world, "heart-controllers", "controller", "controller-2")
    north = _team(world, "north-controllers", "controller", "controller-2")
    maintainers = _team(world, "maintainers", "maintainer")
    for group in (researchers, controllers, north, maintainers):
        assign_perm("view_project", group, project)
    assign_perm("request_job", researchers, project)
    for group in (controllers, north):
        assign_perm("decide_project", group, project)
    assign_perm("maintain_project", maintainers, project)
    for group in (north, maintainers):
        assign_perm("view_node", group, node)
    assign_perm("decide_node", north, node)
    assign_perm("maintain_node", maintainers, node)
    assert people


def _team(world: World, slug: str, *logins: str) -> Group:
    group = Group.objects.create(name=f"team:north-health/{slug}")
    team = Team.objects.create(path=f"north-health/{slug}", group=group, confirmed_at=world.now)
    for login in logins:
        person = world.people[login]
        TeamMember.objects.create(team=team, person=person)
        assert person.user is not None
        person.user.groups.add(group)
    return group


def pull(world: World, kind: str = "job_request", **said: Any) -> PullRequest:
    """A pull request, open two hours ago by the researcher unless said otherwise."""
    decision = said.pop("decision", WAITING)
    at = said.pop("at", world.now - timedelta(hours=2))
    given: dict[str, Any] = {
        "project": world.project,
        "number": world.number(),
        "kind": kind,
        "title": "Request: Incidence by region",
        "author": world.people["researcher"],
        "head_ref": "request/x",
        "head_sha": HEAD,
        "base_ref": "main",
        "base_sha": MERGE,
        "merge_base": MERGE,
        "created_at": at,
        "updated_at": at,
        "read_at": world.now,
        "node_names": ["north"],
        "commit_authors": [1001],
        "pushers": [1001],
    }
    if decision is not None:
        given |= {"decision": json.loads(to_json(decision)), "status": str(decision.status)}
    if said.get("state") == "merged":
        given |= {"merge_sha": MERGE, "merged_at": at, "merged_by": world.people["controller"]}
    return PullRequest.objects.create(**given | said)


def request(
    world: World, slug: str = SLUG, title: str = "Incidence by region, 2019 to 2024", **said: Any
) -> JobRequest:
    """A job request with its pull request; `said` goes to the pull request."""
    requester = said.pop("requester", world.people["researcher"])
    change = pull(world, request=slug, author=requester, head_ref=f"request/{slug}", **said)
    check(change, "gate", "success")
    check(change, "ci", "success")
    return JobRequest.objects.create(
        project=world.project,
        slug=slug,
        title=title,
        purpose=PURPOSE,
        job="incidence_by_region",
        requester=requester,
        nodes=["north"],
        parameters={"start": "2019-01-01", "end": "2024-12-31", "by": "region", "adjusted": True},
        outputs={"incidence.csv": {"controls": "counts under 10 suppressed, the rest rounded to 5"}},
        blob=HEAD,
        pull_request=change,
        created_at=change.created_at,
    )


def lane(world: World, row: JobRequest, state: str, **said: Any) -> Lane:
    """The request on the node, as the node reported it an hour ago."""
    at = said.pop("since", world.now - timedelta(hours=1))
    made = Lane.objects.create(request=row, node=world.node, state=state, since=at, **said)
    if state not in ("waiting_for_node", "waiting_for_results", "held"):
        status = {"run_failed": "failed", "running": "running", "queued": "queued"}.get(state, "succeeded")
        Run.objects.create(
            lane=made,
            run="6b1f2c3d-0000",
            root_run="6b1f2c3d-0000",
            status=status,
            started_at=at,
            finished_at=at if status in ("failed", "succeeded") else None,
            failed_step="fit_model" if status == "failed" else "",
            error_class="MemoryError" if status == "failed" else "",
        )
    return made


def result(world: World, row: JobRequest, **said: Any) -> PullRequest:
    """The pull request with the outputs of a request, from the node's App."""
    bot = world.people["lockgate-north[bot]"]
    return pull(
        world,
        "result_publication",
        **{
            "request": row.slug,
            "result_node": "north",
            "author": bot,
            "commit_authors": [4002],
            "pushers": [4002],
            "title": f"Results of {row.slug} on north",
            "head_ref": f"results/{row.slug}/north/6b1f2c3d",
        }
        | said,
    )


def check(change: PullRequest, name: str, conclusion: str) -> CheckRun:
    return CheckRun.objects.create(
        pull_request=change,
        remote_id=change.number * 10 + len(name),
        head_sha=change.head_sha,
        name=name,
        app_id=15368,
        status="completed" if conclusion else "in_progress",
        conclusion=conclusion,
        started_at=change.created_at,
        completed_at=change.created_at + timedelta(seconds=40) if conclusion else None,
    )


def review(world: World, change: PullRequest, login: str, state: str, body: str = "") -> Review:
    return Review.objects.create(
        pull_request=change,
        remote_id=Review.objects.count() + 1,
        author=world.people[login],
        state=state,
        body=body,
        head_sha=change.head_sha,
        base_ref=change.base_ref,
        merge_base=change.merge_base,
        submitted_at=change.created_at + timedelta(minutes=5),
    )


def comment(world: World, change: PullRequest, login: str, body: str) -> Comment:
    at = change.created_at + timedelta(minutes=4)
    return Comment.objects.create(
        pull_request=change,
        remote_id=Comment.objects.count() + 1,
        author=world.people[login],
        body=body,
        created_at=at,
        updated_at=at,
    )


def service(world: World, name: str, state: str, effect: str = "") -> ServiceState:
    at = world.now - timedelta(minutes=20)
    return ServiceState.objects.create(
        node=world.node, name=name, state=state, since=at, checked=world.now, effect=effect
    )


def unknown_merge(world: World, change: PullRequest) -> RemoteAct:
    return RemoteAct.objects.create(
        kind="merge",
        by=world.people["controller"],
        project=world.project,
        pull_request=change,
        key=f"merge:{change.number}",
        target={"head": change.head_sha},
        state="unknown",
    )


def on_mirror(world: World, *rows: JobRequest) -> None:
    """Put governance.yaml on main and each request on its branch in the portal's own mirror."""
    where = mirror(world.project.code_repo)
    shutil.rmtree(where.path, ignore_errors=True)
    where.path.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "init", "--bare", "--quiet", "-b", "main", str(where.path)], check=True)
    commits = [_commit("refs/heads/main", "governance.yaml", json.dumps(GOVERNANCE))]
    for row in rows:
        branch, path = f"refs/heads/request/{row.slug}", f"jobs/{row.slug}.yaml"
        commits.append(_commit(branch, path, _file(row), parent="refs/heads/main"))
    stream = "".join(commits).encode()
    command = ["git", "--git-dir", str(where.path), "fast-import", "--quiet"]
    subprocess.run(command, input=stream, check=True)
    for row in rows:
        assert row.pull_request is not None
        head = where.tip(f"request/{row.slug}")
        PullRequest.objects.filter(pk=row.pull_request.pk).update(head_sha=head, merge_base=where.tip("main"))
        Review.objects.filter(pull_request=row.pull_request).update(head_sha=head)
        CheckRun.objects.filter(pull_request=row.pull_request).update(head_sha=head)


def _file(row: JobRequest) -> str:
    return write_job_request(earlier_request(row)).decode()


def _commit(branch: str, path: str, text: str, parent: str = "") -> str:
    size = len(text.encode())
    start = f"from {parent}\n" if parent else ""
    return (
        f"commit {branch}\ncommitter Portal <portal@example.org> 1763900000 +0000\ndata 6\nCommit\n"
        f"{start}M 100644 inline {path}\ndata {size}\n{text}\n"
    )
