"""What a pull request asks for is what its head holds now, whatever it asked for before."""

from __future__ import annotations

import pytest

from governance.tasks import take_in
from governance.verdicts import look
from jobs.models import JobRequest
from tests.gate.study import result_of
from tests.governance.test_deciding import opened
from tests.governance.world import World, a_request, request_file
from tests.standin.world import commit, git

pytestmark = pytest.mark.django_db
OTHER = a_request(id="2026-11-24-another-one-k3fa")


def asked() -> set[tuple[str, int | None]]:
    rows = JobRequest.objects.values_list("slug", "pull_request__number")
    return set(rows)


def test_a_branch_begun_anew_asks_for_what_it_holds_then(world: World) -> None:
    pull_request = opened(world)
    clone = world.clone("north-health/heart-study", "researcher")
    commit(clone, request_file(OTHER))
    git(clone, "push", "-q", "--force", "origin", f"main:{pull_request.head_ref}")
    moved = look(world.project, pull_request.number)
    assert (moved.request, asked()) == (OTHER.id, {(OTHER.id, moved.number)})


def test_a_branch_that_adds_two_requests_asks_for_none(world: World) -> None:
    pull_request = opened(world)
    world.push(pull_request.head_ref, request_file(OTHER), login="researcher")
    look(world.project, pull_request.number)
    assert asked() == set()


def test_a_branch_that_turns_to_results_asks_for_nothing(world: World) -> None:
    pull_request = opened(world)
    clone = world.clone("north-health/heart-study", "researcher")
    commit(clone, {path: data.decode() for path, data in result_of(a_request()).items()})
    git(clone, "push", "-q", "--force", "origin", f"main:{pull_request.head_ref}")
    assert look(world.project, pull_request.number).kind == "result_publication"
    assert asked() == set()


def test_a_request_that_was_merged_with_another_is_mains(world: World) -> None:
    """Past the gate, for it refuses this: main holds both, and no pull request asked for one."""
    pull_request = opened(world)
    world.push(pull_request.head_ref, request_file(OTHER), login="researcher")
    world.api("DELETE", "/repos/north-health/heart-study/branches/main/protection", as_="maintainer")
    world.api(
        "PUT", f"/repos/north-health/heart-study/pulls/{pull_request.number}/merge", as_="maintainer", body={}
    )
    world.pass_again()
    assert asked() == {(a_request().id, None), (OTHER.id, None)}


@pytest.mark.parametrize("how", ["closed", "begun anew"])
def test_an_id_that_is_given_up_goes_to_the_other_pull_request_that_asks_for_it(
    world: World, how: str
) -> None:
    first = opened(world)
    world.push("again", request_file(a_request()), login="researcher")
    body = {"title": "The same again", "head": "again", "base": "main"}
    second = world.api("POST", "/repos/north-health/heart-study/pulls", as_="researcher", body=body)["number"]
    world.pass_again()
    assert asked() == {(a_request().id, first.number)}
    if how == "closed":
        path = f"/repos/north-health/heart-study/pulls/{first.number}"
        world.api("PATCH", path, as_="researcher", body={"state": "closed"})
    else:
        clone = world.clone("north-health/heart-study", "researcher")
        commit(clone, request_file(OTHER))
        git(clone, "push", "-q", "--force", "origin", f"main:{first.head_ref}")
    look(world.project, first.number)
    take_in(seconds=60)
    assert (a_request().id, second) in asked()
