"""People by login and number, organisations, teams, and what they may do in a repository."""

from __future__ import annotations

from tests.standin.seeded import HERE, ORGANIZATION
from tests.standin.world import World, refused

TEAM = (ORGANIZATION, "heart-researchers")


def test_people_are_found_by_login_and_by_number(world: World) -> None:
    rest = world.person("researcher").users
    assert rest.get_by_username("controller").parsed_data.id == 1003
    assert rest.get_by_username("CONTROLLER").parsed_data.id == 1003
    assert rest.get_by_id(1003).parsed_data.login == "controller"
    assert rest.get_by_username("lockgate[bot]").parsed_data.type == "Bot"
    assert refused(lambda: rest.get_by_id(9)).status_code == 404


def test_an_organisation_and_its_members_are_seen_by_members(world: World) -> None:
    rest = world.person("researcher").orgs
    assert rest.get(ORGANIZATION).parsed_data.id == 2001
    assert {one.login for one in rest.list_members(ORGANIZATION).parsed_data} == {
        "researcher",
        "researcher-2",
        "controller",
        "controller-2",
        "maintainer",
    }
    assert rest.get_membership_for_user(ORGANIZATION, "maintainer").parsed_data.role == "admin"
    assert rest.check_membership_for_user(ORGANIZATION, "researcher").status_code == 204
    outsider = world.person("outsider").orgs
    assert refused(lambda: outsider.list_members(ORGANIZATION)).status_code == 404


def test_teams_and_their_members_are_seen_by_members_and_by_an_app_that_may(world: World) -> None:
    for rest in (world.person("researcher").teams, world.installation().teams):
        members = rest.list_members_in_org(*TEAM).parsed_data
        assert [one.login for one in members] == ["researcher", "researcher-2"]
        assert rest.get_membership_for_user_in_org(*TEAM, "researcher").parsed_data.state == "active"
        assert (
            refused(lambda rest=rest: rest.get_membership_for_user_in_org(*TEAM, "controller")).status_code
            == 404
        )
        assert len(rest.list(ORGANIZATION).parsed_data) == 3
        assert rest.get_by_name(*TEAM).parsed_data.members_count == 2
    assert refused(lambda: world.person("outsider").teams.get_by_name(*TEAM)).status_code == 404


def test_an_app_that_may_not_read_members_sees_no_team(world: World) -> None:
    narrow = world.token(world.installation_token(permissions={"contents": "read"}))
    assert refused(lambda: narrow.teams.list_members_in_org(*TEAM)).status_code == 404


def test_leaving_a_team_ends_what_it_allowed(world: World) -> None:
    maintainer = world.person("maintainer").teams
    assert maintainer.remove_membership_for_user_in_org(*TEAM, "researcher").status_code == 204
    assert refused(lambda: world.person("researcher").repos.get(*HERE)).status_code == 404
    maintainer.add_or_update_membership_for_user_in_org(*TEAM, "researcher")
    assert world.person("researcher").repos.get(*HERE).parsed_data.permissions.push


def test_only_administrators_change_teams(world: World) -> None:
    rest = world.person("researcher").teams
    act = lambda: rest.add_or_update_membership_for_user_in_org(*TEAM, "outsider")  # noqa: E731
    assert refused(act).status_code == 403
    app = world.installation().teams
    act = lambda: app.add_or_update_membership_for_user_in_org(*TEAM, "outsider")  # noqa: E731
    assert refused(act).status_code == 404


def test_the_permission_of_a_person_is_that_of_their_teams(world: World) -> None:
    rest = world.installation().repos

    def permission(login: str) -> tuple[str, str]:
        found = rest.get_collaborator_permission_level(*HERE, login).parsed_data
        return found.permission, found.role_name

    assert permission("researcher") == ("write", "write")
    assert permission("maintainer") == ("admin", "admin")
    assert permission("outsider") == ("none", "none")
    world.reader("outsider")
    assert permission("outsider") == ("read", "read")
    assert world.person("maintainer").repos.remove_collaborator(*HERE, "outsider").status_code == 204
    assert permission("outsider") == ("none", "none")


def test_a_repository_says_what_the_caller_may_do(world: World) -> None:
    held = world.person("controller").repos.get(*HERE).parsed_data.permissions
    assert (held.pull, held.push, held.admin) == (True, True, False)


def test_a_repository_is_made_by_administrators(world: World) -> None:
    rest = world.person("maintainer").repos
    made = rest.create_in_org(ORGANIZATION, name="north-node", private=True).parsed_data
    assert (made.full_name, made.private, made.default_branch) == (f"{ORGANIZATION}/north-node", True, "main")
    assert refused(lambda: rest.create_in_org(ORGANIZATION, name="north-node")).status_code == 422
    assert (
        refused(lambda: world.person("researcher").repos.create_in_org(ORGANIZATION, name="x")).status_code
        == 403
    )
    team = world.person("maintainer").teams
    team.add_or_update_repo_permissions_in_org(*TEAM, ORGANIZATION, "north-node", permission="pull")
    held = world.person("researcher").repos.get(ORGANIZATION, "north-node").parsed_data.permissions
    assert (held.pull, held.push) == (True, False)
