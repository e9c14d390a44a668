"""Renamed and given away: the number stays, old addresses of repositories lead on, old logins do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.standin.seeded import FULL_NAME, HERE, IDS, ORGANIZATION, PERSONAL, REPOSITORY, signed_jwt
from tests.standin.world import World, commit, first_commit, git, refused, served

OLD = f"/api/v3/repos/{FULL_NAME}"
NEW = (ORGANIZATION, "cardiac-study")


def number_of(world: World) -> int:
    return int(world.person("maintainer").repos.get(*NEW).parsed_data.id)


@pytest.fixture
def renamed(world: World) -> World:
    """The repository has another name now."""
    made = world.person("maintainer").repos.update(*HERE, name=NEW[1]).parsed_data
    assert made.full_name == "/".join(NEW)
    return world


def test_reading_at_the_old_address_leads_to_the_number_for_good(renamed: World) -> None:
    http, number = renamed.http("researcher"), number_of(renamed)
    answer = http.get(f"{OLD}/branches?per_page=5")
    target = f"{renamed.url}/api/v3/repositories/{number}/branches?per_page=5"
    assert (answer.status_code, answer.headers["location"]) == (301, target)
    assert (answer.json()["message"], answer.json()["url"]) == ("Moved Permanently", target)
    assert [one["name"] for one in http.get(target).json()] == ["main"]
    assert http.get(f"/api/v3/repositories/{number}").json()["full_name"] == "/".join(NEW)
    signed = renamed.http(headers={"authorization": f"Bearer {signed_jwt()}"})
    assert signed.get(f"{OLD}/installation").headers["location"].endswith(f"/{number}/installation")


def test_acting_at_the_old_address_leads_on_this_once_and_is_done_once(renamed: World) -> None:
    sha = renamed.http("researcher", follow_redirects=True).get(f"{OLD}/git/ref/heads/main").json()
    body = {"ref": "refs/heads/change", "sha": sha["object"]["sha"]}
    answer = renamed.http("researcher").post(f"{OLD}/git/refs", json=body)
    assert answer.status_code == 307
    assert answer.headers["location"].endswith(f"/repositories/{number_of(renamed)}/git/refs")
    assert renamed.person("researcher").git.list_matching_refs(*NEW, "heads/change").parsed_data == []
    followed = renamed.http("researcher", follow_redirects=True).post(f"{OLD}/git/refs", json=body)
    assert followed.status_code == 201


def test_strangers_are_led_nowhere(renamed: World) -> None:
    for http in (renamed.http("outsider"), renamed.http()):
        assert http.get(OLD).status_code == 404
        assert http.get(f"/api/v3/repositories/{number_of(renamed)}").status_code == 404
    assert renamed.http("researcher").get("/api/v3/repositories/999").status_code == 404


def test_git_follows_to_the_new_address(renamed: World) -> None:
    clone = renamed.clone("maintainer")
    commit(clone, {"new.txt": "fresh\n"})
    git(clone, "push", "-q", "origin", "main")
    assert git(clone, "ls-remote", renamed.remote(PERSONAL["researcher"], "/".join(NEW)), "main")
    refs = f"/{FULL_NAME}.git/info/refs?service=git-upload-pack"
    assert [renamed.http(login).get(refs).status_code for login in ("researcher", "outsider")] == [301, 404]


def test_graphql_follows_unless_it_is_told_not_to(renamed: World) -> None:
    http = renamed.http("researcher")

    def ask(more: str) -> Any:
        query = f'{{repository(owner: "{ORGANIZATION}", name: "{REPOSITORY}"{more}) {{nameWithOwner}}}}'
        return http.post("/api/graphql", json={"query": query}).json()

    assert ask("")["data"]["repository"]["nameWithOwner"] == "/".join(NEW)
    assert ask(", followRenames: false")["errors"][0]["type"] == "NOT_FOUND"


def test_pages_follow_too(renamed: World) -> None:
    browser = renamed.http()
    browser.post("/login", data={"login": "researcher"})
    answer = browser.get(f"/{FULL_NAME}")
    assert (answer.status_code, answer.headers["location"]) == (301, f"/{'/'.join(NEW)}")


def test_a_repository_that_takes_the_old_address_takes_it_for_good(renamed: World) -> None:
    rest = renamed.person("maintainer").repos
    second = rest.create_in_org(ORGANIZATION, name=REPOSITORY, private=True).parsed_data
    assert rest.get(*HERE).parsed_data.id == second.id
    rest.update(*HERE, name="second-study")
    assert renamed.http("maintainer").get(OLD).headers["location"].endswith(f"/repositories/{second.id}")


def test_a_name_that_is_taken_or_none_is_refused(world: World) -> None:
    rest = world.person("maintainer").repos
    for name in ("elsewhere", "a name", ""):
        assert refused(lambda name=name: rest.update(*HERE, name=name)).status_code == 422
    assert refused(lambda: world.person("researcher").repos.update(*HERE, name="mine")).status_code == 403


def test_a_repository_that_is_given_away_leaves_its_teams_and_apps_behind(world: World) -> None:
    world.person("maintainer").repos.add_collaborator(*HERE, "outsider", permission="push")
    token = world.installation_token()
    given = world.person("maintainer").repos.transfer(*HERE, new_owner="controller", new_name="given")
    assert (given.status_code, given.parsed_data.full_name) == (202, "controller/given")
    assert world.person("controller").repos.get("controller", "given").parsed_data.permissions.admin
    assert world.person("outsider").repos.get("controller", "given").status_code == 200
    assert refused(lambda: world.person("researcher").repos.get("controller", "given")).status_code == 404
    assert refused(lambda: world.token(token).repos.get("controller", "given")).status_code == 404
    assert world.http("outsider").get(OLD).status_code == 301


def test_an_organisation_takes_repositories_from_its_own_members(world: World) -> None:
    rest = world.person("outsider").repos
    rest.create_for_authenticated_user(name="mine", private=True)
    assert refused(lambda: rest.transfer("outsider", "mine", new_owner=ORGANIZATION)).status_code == 403
    assert refused(lambda: rest.transfer("outsider", "mine", new_owner="nobody")).status_code == 404


def test_an_old_login_leads_nowhere_but_the_number_and_the_repositories_stay(world: World) -> None:
    world.person("researcher").repos.create_for_authenticated_user(name="mine", private=True)
    http = world.http("researcher")
    assert world.http().post("/_standin/accounts/researcher", json={"login": "newname"}).status_code == 200
    assert http.get("/api/v3/users/researcher").status_code == 404
    assert http.get(f"/api/v3/user/{IDS['researcher']}").json()["login"] == "newname"
    assert http.get("/api/v3/user").json()["login"] == "newname"
    assert http.get("/api/v3/repos/researcher/mine").status_code == 301
    assert http.get("/api/v3/repos/newname/mine").status_code == 200
    assert http.get(f"/api/v3/orgs/{ORGANIZATION}/members/newname").status_code == 204
    taken = world.http().post("/_standin/accounts/newname", json={"login": "controller"})
    assert taken.status_code == 422


def test_an_organisation_that_is_renamed_keeps_all_but_its_address(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    token = world.installation_token()
    world.http().post(f"/_standin/accounts/{ORGANIZATION}", json={"login": "south-health"})
    there = ("south-health", REPOSITORY)
    assert world.token(token).pulls.get(*there, pull.number).parsed_data.head.sha == pull.head.sha
    assert world.http("maintainer").get(OLD).status_code == 301
    assert world.http("maintainer").get(f"/api/v3/orgs/{ORGANIZATION}").status_code == 404
    members = world.person("maintainer").teams.list_members_in_org("south-health", "heart-researchers")
    assert len(members.parsed_data) == 2


def test_what_moved_is_where_it_is_after_a_restart(tmp_path: Path) -> None:
    with served(tmp_path) as world:
        first_commit(world)
        world.person("maintainer").repos.update(*HERE, name=NEW[1])
        number = number_of(world)
    with served(tmp_path) as again:
        assert number_of(again) == number
        assert again.http("maintainer").get(OLD).status_code == 301
        assert again.app().apps.get_repo_installation(*NEW).status_code == 200
