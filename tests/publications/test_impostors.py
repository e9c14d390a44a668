"""What looks like a node's results, and is somebody else's, is not put before those who review."""

from __future__ import annotations

import pytest

from governance.models import PullRequest
from tests.publications.conftest import Visit
from tests.publications.scene import OUTPUTS, Scene

pytestmark = pytest.mark.django_db


def test_a_persons_newer_pull_request_does_not_take_the_place_of_the_nodes_results(
    scene: Scene, as_: Visit
) -> None:
    own = scene.change.pk
    scene.change.pk, scene.change.number = None, scene.change.number + 100
    scene.change.author, scene.change.head_sha = scene.world.people["researcher"], "f" * 40
    scene.change.save()
    shown = as_("controller").get(OUTPUTS)
    assert shown.context["pull"] == PullRequest.objects.get(pk=own)
