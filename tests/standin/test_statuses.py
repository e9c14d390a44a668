"""Commit statuses: said by who may write, the newest of each context counts, also as a required check."""

from __future__ import annotations

from typing import Any

import pytest

from tests.standin.rules import govern
from tests.standin.seeded import HERE, PORTAL_APP
from tests.standin.world import World, refused


def say(world: World, sha: str, state: str, login: str = "researcher", **said: Any) -> Any:
    rest = world.person(login).repos
    return rest.create_commit_status(*HERE, sha, state=state, **{"context": "ci/build", **said}).parsed_data


@pytest.fixture
def pull(world: World) -> Any:
    world.protect(required_status_checks={"strict": False, "contexts": ["ci/build"]})
    return world.pull("change", {"new.txt": "fresh\n"})


def merge(world: World, pull: Any) -> Any:
    return world.person("controller").pulls.merge(*HERE, pull.number)


def test_a_status_is_kept_as_it_was_said(world: World) -> None:
    sha = world.branch("change", {"new.txt": "fresh\n"})
    made = say(world, sha, "pending", description="Building", target_url="http://ci.example/1")
    (found,) = world.person("controller").repos.list_commit_statuses_for_ref(*HERE, "change").parsed_data
    assert found == made
    assert (found.context, found.creator.login, found.description) == ("ci/build", "researcher", "Building")


def test_together_the_newest_of_each_context_counts(world: World) -> None:
    sha = world.branch("change", {"new.txt": "fresh\n"})
    rest = world.person("researcher").repos
    states = [rest.get_combined_status_for_ref(*HERE, sha).parsed_data.state]
    for state, context in (("failure", "a"), ("pending", "A"), ("success", "b"), ("success", "a")):
        say(world, sha, state, context=context)
        states.append(rest.get_combined_status_for_ref(*HERE, sha).parsed_data.state)
    assert states == ["pending", "failure", "pending", "pending", "success"]
    found = rest.get_combined_status_for_ref(*HERE, sha).parsed_data
    assert (found.total_count, {one.context for one in found.statuses}) == (2, {"a", "b"})


def test_a_required_check_can_be_a_status(world: World, pull: Any) -> None:
    assert "is expected" in refused(lambda: merge(world, pull)).json()["message"]
    say(world, pull.head.sha, "pending")
    assert "in progress" in refused(lambda: merge(world, pull)).json()["message"]
    say(world, pull.head.sha, "error")
    assert "is failing" in refused(lambda: merge(world, pull)).json()["message"]
    say(world, pull.head.sha, "success")
    assert merge(world, pull).parsed_data.merged


def test_a_check_and_a_status_of_one_name_must_both_pass(world: World, pull: Any) -> None:
    world.check(pull.head.sha, name="ci/build")
    say(world, pull.head.sha, "failure")
    assert refused(lambda: merge(world, pull)).status_code == 405
    say(world, pull.head.sha, "success")
    assert merge(world, pull).parsed_data.merged


def test_a_check_pinned_to_an_app_counts_from_no_persons_status(world: World) -> None:
    required = [{"context": "lockgate/policy", "app_id": PORTAL_APP}]
    world.protect(required_status_checks={"strict": False, "contexts": [], "checks": required})
    pull = world.pull("change", {"new.txt": "fresh\n"})
    say(world, pull.head.sha, "success", login="maintainer", context="lockgate/policy")
    assert "is expected" in refused(lambda: merge(world, pull)).json()["message"]


def test_a_rule_requires_checks_for_pushes_and_merges(world: World) -> None:
    checks = [{"context": "lockgate/policy", "integration_id": PORTAL_APP}]
    parameters = {"required_status_checks": checks, "strict_required_status_checks_policy": False}
    govern(world, "~DEFAULT_BRANCH", rules=[{"type": "required_status_checks", "parameters": parameters}])
    pull = world.pull("change", {"new.txt": "fresh\n"})
    sha = pull.head.sha
    assert world.person("controller").pulls.get(*HERE, pull.number).parsed_data.mergeable_state == "blocked"
    move = lambda: world.person("maintainer").git.update_ref(*HERE, "heads/main", sha=sha)  # noqa: E731
    assert refused(lambda: merge(world, pull)).status_code == 405
    assert refused(move).status_code == 422
    world.check(sha)
    move()


def test_only_who_may_write_says_anything_of_a_commit(world: World) -> None:
    sha = world.branch("change", {"new.txt": "fresh\n"})
    world.reader("outsider")
    assert refused(lambda: say(world, sha, "success", login="outsider")).status_code == 403
    rest = world.installation().repos
    assert refused(lambda: rest.create_commit_status(*HERE, sha, state="success")).status_code == 403


@pytest.mark.parametrize(("sha", "state"), [("0" * 40, "success"), (None, "perfect")])
def test_a_status_that_makes_no_sense_is_refused(world: World, sha: str | None, state: Any) -> None:
    sha = sha or world.branch("change", {"new.txt": "fresh\n"})
    path = f"/api/v3/repos/{'/'.join(HERE)}/statuses/{sha}"
    assert world.http("researcher").post(path, json={"state": state}).status_code == 422
