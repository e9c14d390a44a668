"""Apps hear of people who come and go, of places that move, and of what becomes of the App itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from standins.github.store import Installation
from tests.standin.world import FULL_NAME, HERE, NODE_APP, ORGANIZATION, PORTAL_APP, World
from tests.standin_actions.ears import EVENTS, Ear
from tests.standin_actions.test_webhooks import subscribe

RESEARCHERS = (ORGANIZATION, "heart-researchers")
LAST = {"app": PORTAL_APP, "account": "outsider", "repositories": []}
Act = Callable[[World], Any]


def installation(world: World) -> int:
    return int(world.app().apps.get_repo_installation(*HERE).parsed_data.id)


def turn_away(world: World) -> None:
    world.user_token("researcher")
    browser = world.http()
    browser.post("/login", data={"login": "researcher"})
    browser.post("/settings/apps/authorizations", data={"app": "lockgate"})


def elsewhere(world: World) -> int:
    found = world.site.repository_named(ORGANIZATION, "elsewhere")
    assert found is not None
    return found.id


def suspend_and_let_in(world: World) -> None:
    world.app().apps.suspend_installation(installation(world))
    world.pull("unheard", {"a.txt": "a"})
    orgs(world).remove_member(ORGANIZATION, "researcher-2")
    world.app().apps.unsuspend_installation(installation(world))


def orgs(world: World) -> Any:
    return world.person("maintainer").orgs


def teams(world: World) -> Any:
    return world.person("maintainer").teams


def repos(world: World) -> Any:
    return world.person("maintainer").repos


def admin(world: World) -> Any:
    return world.person("maintainer").apps


ACTS: dict[str, tuple[Act, list[str]]] = {
    "a member comes": (
        lambda world: orgs(world).set_membership_for_user(ORGANIZATION, "outsider", role="member"),
        ["organization member_added"],
    ),
    "a member becomes an administrator": (
        lambda world: orgs(world).set_membership_for_user(ORGANIZATION, "researcher", role="admin"),
        [],
    ),
    "a member goes": (
        lambda world: orgs(world).remove_member(ORGANIZATION, "researcher"),
        ["organization member_removed"],
    ),
    "a stranger joins a team": (
        lambda world: teams(world).add_or_update_membership_for_user_in_org(*RESEARCHERS, "outsider"),
        ["organization member_added", "membership added"],
    ),
    "a team is renamed": (
        lambda world: teams(world).update_in_org(*RESEARCHERS, name="Cardiac researchers"),
        ["team edited"],
    ),
    "a team ends": (lambda world: teams(world).delete_in_org(*RESEARCHERS), ["team deleted"]),
    "a team loses the repository": (
        lambda world: teams(world).remove_repo_in_org(*RESEARCHERS, *HERE),
        ["team removed_from_repository"],
    ),
    "a collaborator comes": (
        lambda world: repos(world).add_collaborator(*HERE, "outsider", permission="pull"),
        ["member added"],
    ),
    "the repository is renamed": (
        lambda world: repos(world).update(*HERE, name="cardiac-study"),
        ["repository renamed"],
    ),
    "the repository is given away": (
        lambda world: repos(world).transfer(*HERE, new_owner="controller"),
        ["installation_repositories removed"],
    ),
    "the App reaches one more": (
        lambda world: admin(world).add_repo_to_installation_for_authenticated_user(
            installation(world), elsewhere(world)
        ),
        ["installation_repositories added"],
    ),
    "the App is suspended and let in again": (
        suspend_and_let_in,
        ["installation suspend", "installation unsuspend"],
    ),
    "the App is uninstalled": (
        lambda world: world.app().apps.delete_installation(installation(world)),
        ["installation deleted"],
    ),
    "a person turns away": (turn_away, ["github_app_authorization revoked"]),
}


@pytest.mark.parametrize(("act", "told"), ACTS.values(), ids=ACTS.keys())
def test_an_app_is_told(world: World, ear: Ear, act: Act, told: list[str]) -> None:
    subscribe(world, ear, events=[*EVENTS, "repository"])
    act(world)
    world.http().post("/_standin/installations", json=LAST)
    ear.wait("installation created")
    assert [one for one in ear.names() if one not in ("push", "installation created")] == told


def test_of_a_move_the_new_and_the_old_name_are_told(world: World, ear: Ear) -> None:
    subscribe(world, ear, events=["repository"])
    repos(world).update(*HERE, name="cardiac-study")
    renamed = ear.wait("repository renamed").payload
    assert renamed["repository"]["full_name"] == f"{ORGANIZATION}/cardiac-study"
    assert renamed["changes"]["repository"]["name"]["from"] == HERE[1]


def test_of_a_gift_the_apps_of_the_new_owner_hear(world: World, ear: Ear) -> None:
    subscribe(world, ear, NODE_APP, events=["repository"])
    controller = world.site.account_named("controller")
    assert controller is not None
    world.site.store.insert(Installation(0, NODE_APP, controller.id, None, ""))
    repos(world).transfer(*HERE, new_owner="controller")
    told = ear.wait("repository transferred").payload
    assert told["repository"]["full_name"] == f"controller/{HERE[1]}"
    assert told["changes"]["owner"]["from"]["organization"]["login"] == ORGANIZATION
    assert set(ear.names()[:2]) == {"installation_repositories removed", "installation_repositories added"}


def test_of_an_installation_its_repositories_are_told(world: World, ear: Ear) -> None:
    subscribe(world, ear, events=[])
    number = installation(world)
    admin(world).add_repo_to_installation_for_authenticated_user(number, elsewhere(world))
    told = ear.wait("installation_repositories added").payload
    assert [one["name"] for one in told["repositories_added"]] == ["elsewhere"]
    assert (told["repository_selection"], told["installation"]["id"]) == ("selected", number)
    world.app().apps.delete_installation(number)
    ended = ear.wait("installation deleted").payload
    assert sorted(one["full_name"] for one in ended["repositories"]) == [
        f"{ORGANIZATION}/elsewhere",
        FULL_NAME,
    ]


def test_who_turned_away_is_told_and_nothing_more(world: World, ear: Ear) -> None:
    subscribe(world, ear, events=[])
    turn_away(world)
    told = ear.wait("github_app_authorization revoked").payload
    assert (told["action"], told["sender"]["id"]) == ("revoked", 1001)
    assert set(told) == {"action", "sender"}


def test_of_a_renamed_team_the_old_name_is_told(world: World, ear: Ear) -> None:
    subscribe(world, ear, events=["team"])
    teams(world).update_in_org(*RESEARCHERS, name="Cardiac researchers")
    told = ear.wait("team edited").payload
    assert (told["team"]["slug"], told["changes"]["name"]["from"]) == (
        "cardiac-researchers",
        "heart-researchers",
    )


def test_of_a_renamed_organisation_the_old_login_is_told(world: World, ear: Ear) -> None:
    subscribe(world, ear, events=["organization"])
    world.http().post(f"/_standin/accounts/{ORGANIZATION}", json={"login": "south-health"})
    told = ear.wait("organization renamed").payload
    assert (told["organization"]["login"], told["changes"]["login"]["from"]) == (
        "south-health",
        ORGANIZATION,
    )
