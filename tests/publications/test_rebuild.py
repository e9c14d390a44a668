"""Results come back as they were from a rebuild of what was dropped; a release stays as the node told it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.management import call_command

from governance import actions
from governance.models import Node, PullRequest
from governance.verdicts import look
from lockgate.messages import ReleasedFile, ReleaseReported, ReleaseState
from publications.models import Output, Publication, PublishedFile, ResultManifest
from publications.releases import receive
from tests.governance.conftest import world
from tests.governance.dropped import drop
from tests.governance.projected import differences, projected
from tests.governance.test_deciding import approved
from tests.governance.world import World, a_request

__all__ = ["world"]  # fixture: the portal beside a local GitHub
pytestmark = pytest.mark.django_db


def test_results_come_back_in_review_merged_and_released(world: World) -> None:
    request = approved(world)
    actions.merge(pull_request=request, head=request.head_sha, by=world.person("controller"))
    world.catch_up()
    change = look(world.project, world.propose_results())
    comes_back(world)
    merge(world, world.pull_request(change.number))
    comes_back(world)
    release(world.pull_request(change.number))
    told = list(Publication.objects.values()), list(PublishedFile.objects.values())
    comes_back(world)
    assert (list(Publication.objects.values()), list(PublishedFile.objects.values())) == told


def comes_back(world: World) -> None:
    """All that was projected is dropped, and a rebuild gives the same rows."""
    world.pass_again()
    world.pass_again()  # reads the checks that the first one posted
    before = projected(lost=True)
    assert before["ResultManifest"]
    assert before["Output"]
    drop()
    assert not ResultManifest.objects.exists()
    assert not Output.objects.exists()
    call_command("rebuild")
    assert differences(before, projected(lost=True)) == []


def merge(world: World, change: PullRequest) -> None:
    world.checks_pass(change)
    for login in ("controller", "controller-2"):
        actions.approve(pull_request=change, head=change.head_sha, by=world.person(login))
    actions.merge(pull_request=change, head=change.head_sha, by=world.person("controller"))


def release(merged: PullRequest) -> None:
    """As the node reports it."""
    files = tuple(
        ReleasedFile(each.name, each.md5.removesuffix(".dir"), "0" * 64, each.size, each.media_type)
        for each in merged.outputs.all()
    )
    body = ReleaseReported(
        project="heart_study",
        request=a_request().id,
        pull_request=merged.number,
        merge=merged.merge_sha,
        state=ReleaseState.RELEASED,
        reason=None,
        bytes_done=1,
        bytes_total=1,
        files=files,
        at=datetime.now(UTC),
    )
    receive(Node.objects.get(), body)
