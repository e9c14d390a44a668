"""A project on a node, its people, and a released publication whose bytes lie in a real store."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta

from django.contrib.auth.models import Group, User
from django.utils import timezone
from guardian.shortcuts import assign_perm

from governance.models import Node, Person, Project, PullRequest, Registration, Team, TeamMember
from jobs.models import JobRequest
from publications.models import Publication, PublishedFile

SHA = "1" * 40


@dataclass(frozen=True)
class Bytes:
    """A released file's content and where it stands in its publication."""

    path: str
    content: bytes
    media_type: str = "text/csv"
    ending: str = field(default="")  # ".dir" for a directory's listing

    @property
    def md5(self) -> str:
        return hashlib.md5(self.content).hexdigest() + self.ending

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def person(login: str, account_id: int) -> Person:
    user = User.objects.create(username=login)
    return Person.objects.create(account_id=account_id, login=login, user=user)


def team(path: str, *members: Person) -> Team:
    group = Group.objects.create(name=path)
    made = Team.objects.create(path=path, group=group, confirmed_at=timezone.now())
    for member in members:
        TeamMember.objects.create(team=made, person=member)
        member.user.groups.add(group)
    return made


def node(endpoint: str = "http://127.0.0.1:1", controllers: tuple[str, ...] = ("org/north",)) -> Node:
    return Node.objects.create(
        name="north",
        repo="org/north-node",
        app_id=3002,
        app_slug="north",
        app_account=4002,
        message_key="A" * 44,
        portal_app_id=3001,
        controllers=list(controllers),
        confirmed_at=timezone.now(),
        storage={
            "publication": {
                "endpoint": "http://127.0.0.1:1",
                "read_endpoint": endpoint,
                "bucket": "publication",
                "keys": "NORTH_PUBLICATION",
            }
        },
    )


def project(place: Node, name: str = "heart_study") -> Project:
    made = Project.objects.create(
        name=name, code_repo=f"org/{name}", confirmed_at=timezone.now(), main_sha=SHA, governance=GOVERNANCE
    )
    Registration.objects.create(
        project=made, node=place, since=SHA, code_location=name, publication="publication"
    )
    return made


GOVERNANCE = {
    "version": 1,
    "researchers": ["org/researchers"],
    "controllers": ["org/controllers"],
    "nodes": {"north": {"controllers": ["org/north"]}},
    "approvals": {"result_publication": {"quorum": 2, "per_node": True, "blinded": False}},
}


def permit(who: Team, place: Project | Node, *permissions: str) -> None:
    for permission in permissions:
        assign_perm(permission, who.group, place)


def result(place: Project, requester: Person, bot: Person, slug: str = "2026-11-23-a-k3f9") -> PullRequest:
    now = timezone.now()
    request = JobRequest.objects.create(
        project=place,
        slug=slug,
        title="A table",
        purpose="To see",
        job="table",
        requester=requester,
        nodes=["north"],
        blob=SHA,
        created_at=now,
    )
    return PullRequest.objects.create(
        project=place,
        number=PullRequest.objects.count() + 1,
        kind="result_publication",
        title=f"Results of {request.slug}",
        author=bot,
        head_ref=f"results/{slug}/north/11111111",
        head_sha=SHA,
        base_ref="main",
        base_sha=SHA,
        merge_base=SHA,
        request=slug,
        result_node="north",
        node_names=["north"],
        created_at=now,
        updated_at=now,
        read_at=now,
    )


def release(pull_request: PullRequest, *files: Bytes) -> Publication:
    now = timezone.now()
    pull_request.state, pull_request.merge_sha, pull_request.merged_at = "merged", "2" * 40, now
    pull_request.save()
    publication = Publication.objects.create(
        pull_request=pull_request,
        project=pull_request.project,
        request=JobRequest.objects.get(slug=pull_request.request),
        node=Node.objects.get(name="north"),
        merge_sha="2" * 40,
        state=Publication.State.RELEASED,
        since=now - timedelta(minutes=1),
        released_at=now,
    )
    for each in files:
        PublishedFile.objects.create(
            publication=publication,
            path=each.path,
            md5=each.md5,
            sha256=each.sha256,
            size=len(each.content),
            media_type=each.media_type,
        )
    return publication
