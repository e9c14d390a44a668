"""Who is asked to review, whose approvals count, and when they end."""

from __future__ import annotations

from typing import Any

import pytest

from tests.standin.rules import govern, pull_request
from tests.standin.seeded import FULL_NAME, HERE, ORGANIZATION
from tests.standin.world import World, commit, git, refused


def approve(world: World, login: str, number: int) -> Any:
    return world.person(login).pulls.create_review(*HERE, number, event="APPROVE").parsed_data


def push(world: World, login: str, text: str = "another\n") -> None:
    clone = world.clone(login, "-b", "change")
    commit(clone, {"new.txt": text})
    git(clone, "push", "-q", "origin", "change")


def test_people_and_teams_are_asked_and_no_longer_asked(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    rest = world.person("researcher").pulls
    asked = {"reviewers": ["controller", "researcher-2"], "team_reviewers": ["maintainers"]}
    made = rest.request_reviewers(*HERE, pull.number, data=asked).parsed_data
    assert [one.login for one in made.requested_reviewers] == ["controller", "researcher-2"]
    rest.remove_requested_reviewers(*HERE, pull.number, data={"reviewers": ["researcher-2"]})
    found = rest.list_requested_reviewers(*HERE, pull.number).parsed_data
    assert ([one.login for one in found.users], [one.slug for one in found.teams]) == (
        ["controller"],
        ["maintainers"],
    )
    world.person("controller").pulls.create_review(*HERE, pull.number, event="COMMENT", body="Seen")
    assert rest.list_requested_reviewers(*HERE, pull.number).parsed_data.users == []


@pytest.mark.parametrize(
    "asked", [{"reviewers": ["researcher"]}, {"reviewers": ["outsider"]}, {"team_reviewers": ["nobody"]}]
)
def test_the_author_and_strangers_cannot_be_asked(world: World, asked: dict[str, Any]) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    rest = world.person("controller").pulls
    assert refused(lambda: rest.request_reviewers(*HERE, pull.number, data=asked)).status_code == 422


def test_only_who_may_write_asks_others(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    world.reader("outsider")
    rest, asked = world.person("outsider").pulls, {"reviewers": ["controller"]}
    assert refused(lambda: rest.request_reviewers(*HERE, pull.number, data=asked)).status_code == 403


def test_the_last_push_must_be_approved_by_somebody_else(world: World) -> None:
    reviews = {"required_approving_review_count": 1, "require_last_push_approval": True}
    world.protect(required_pull_request_reviews=reviews)
    pull = world.pull("change", {"new.txt": "fresh\n"})
    merge = lambda: world.person("controller").pulls.merge(*HERE, pull.number)  # noqa: E731
    approve(world, "controller", pull.number)
    push(world, "controller-2")
    assert "someone other than controller-2" in refused(merge).json()["message"]
    approve(world, "controller-2", pull.number)
    assert refused(merge).status_code == 405
    approve(world, "controller", pull.number)
    assert merge().parsed_data.merged


def test_a_rule_ends_approvals_with_the_head_and_counts_them(world: World) -> None:
    rule = pull_request(required_approving_review_count=2, dismiss_stale_reviews_on_push=True)
    govern(world, "~DEFAULT_BRANCH", rules=[rule])
    pull = world.pull("change", {"new.txt": "fresh\n"})
    merge = lambda: world.person("controller").pulls.merge(*HERE, pull.number)  # noqa: E731
    approve(world, "controller", pull.number)
    push(world, "researcher")
    approve(world, "controller-2", pull.number)
    assert "At least 2 approving reviews" in refused(merge).json()["message"]
    states = world.person("researcher").pulls.list_reviews(*HERE, pull.number).parsed_data
    assert [one.state for one in states] == ["DISMISSED", "APPROVED"]
    approve(world, "controller", pull.number)
    assert merge().parsed_data.merged


def test_only_those_named_and_administrators_dismiss_where_protection_names_some(world: World) -> None:
    named = {"users": [], "teams": ["heart-controllers"]}
    reviews = {"required_approving_review_count": 1, "dismissal_restrictions": named}
    world.protect(required_pull_request_reviews=reviews)
    shown = world.person("maintainer").repos.get_branch_protection(*HERE, "main").parsed_data
    teams = shown.required_pull_request_reviews.dismissal_restrictions.teams
    assert [one.slug for one in teams] == ["heart-controllers"]
    pull = world.pull("change", {"new.txt": "fresh\n"})
    review = approve(world, "controller", pull.number)
    path = f"/api/v3/repos/{FULL_NAME}/pulls/{pull.number}/reviews/{review.id}/dismissals"
    said = {
        login: world.http(login).put(path, json={"message": "No"}).status_code
        for login in ("researcher-2", "controller-2")
    }
    assert said == {"researcher-2": 403, "controller-2": 200}
    assert refused(lambda: world.person("controller").pulls.merge(*HERE, pull.number)).status_code == 405


def test_a_team_without_access_owns_no_review(world: World) -> None:
    rest = world.person("maintainer").teams
    rest.create(ORGANIZATION, data={"name": "strangers"})
    pull = world.pull("change", {"new.txt": "fresh\n"})
    ask = world.person("researcher").pulls.request_reviewers
    answer = refused(lambda: ask(*HERE, pull.number, data={"team_reviewers": ["strangers"]}))
    assert answer.status_code == 422
