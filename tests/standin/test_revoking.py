"""What ends what a person or an App may do: revoked, suspended, removed, uninstalled; and new ghosts."""

from __future__ import annotations

from typing import Any

import pytest
from githubkit import OAuthAppAuthStrategy
from githubkit_schemas.v2026_03_10.rest import RestNamespace

from standins.github import clock
from standins.github.auth.tokens import issue_user_tokens
from standins.github.site import GHOST
from tests.standin.seeded import HERE, ORGANIZATION, PERSONAL, PORTAL_APP, REPOSITORY
from tests.standin.world import World, git, refused

CLIENT, SECRET = "Iv1.lockgate", "test-only-secret-of-lockgate"


def client(world: World, secret: str = SECRET) -> RestNamespace:
    """The App with its client id and secret."""
    return world.client(OAuthAppAuthStrategy(CLIENT, secret)).rest("2026-03-10")


def pair(world: World, login: str = "researcher") -> tuple[str, str]:
    person = world.site.account_named(login)
    assert person is not None
    return issue_user_tokens(world.site, world.app_row(PORTAL_APP), person)


def renew(world: World, refresh: str) -> Any:
    asked = {"client_id": CLIENT, "client_secret": SECRET, "grant_type": "refresh_token"}
    headers = {"accept": "application/json"}
    data = {**asked, "refresh_token": refresh}
    return world.http().post("/login/oauth/access_token", data=data, headers=headers).json()


def lives(world: World, token: str) -> bool:
    headers = {"authorization": f"Bearer {token}"}
    return world.http(headers=headers).get("/api/v3/user").status_code == 200


def test_an_app_checks_whose_token_it_holds(world: World) -> None:
    access, _ = pair(world)
    told = client(world).apps.check_token(CLIENT, access_token=access).parsed_data
    assert (told.user.id, told.token_last_eight, told.app.client_id) == (1001, access[-8:], CLIENT)
    clock.advance(8 * 3600 + 1)
    for token in (access, "ghu_unknown", PERSONAL["researcher"]):
        check = lambda token=token: client(world).apps.check_token(CLIENT, access_token=token)  # noqa: E731
        assert refused(check).status_code == 404


def test_only_the_app_itself_asks_about_its_tokens(world: World) -> None:
    access, _ = pair(world)
    guessed = client(world, "guessed")
    assert refused(lambda: guessed.apps.check_token(CLIENT, access_token=access)).status_code == 401
    other = lambda: client(world).apps.check_token("Iv1.lockgate-north", access_token=access)  # noqa: E731
    assert refused(other).status_code == 404
    assert refused(lambda: client(world).repos.get(*HERE)).status_code == 404


def test_a_token_that_the_app_gives_back_is_worth_nothing_nor_is_its_renewal(world: World) -> None:
    (access, refresh), (kept, _) = pair(world), pair(world)
    assert client(world).apps.delete_token(CLIENT, access_token=access).status_code == 204
    assert (lives(world, access), lives(world, kept)) == (False, True)
    assert renew(world, refresh)["error"] == "bad_refresh_token"
    again = refused(lambda: client(world).apps.delete_token(CLIENT, access_token=access))
    assert again.status_code == 422


def test_a_token_is_replaced_at_once(world: World) -> None:
    access, _ = pair(world)
    fresh = client(world).apps.reset_token(CLIENT, access_token=access).parsed_data.token
    assert (lives(world, access), lives(world, fresh)) == (False, True)


def test_a_grant_that_ends_takes_all_tokens_of_that_person(world: World) -> None:
    (first, refresh), (second, _), (other, _) = pair(world), pair(world), pair(world, "controller")
    assert client(world).apps.delete_authorization(CLIENT, access_token=first).status_code == 204
    assert [lives(world, token) for token in (first, second, other)] == [False, False, True]
    assert renew(world, refresh)["error"] == "bad_refresh_token"


def test_a_person_turns_away_from_an_app_on_a_page(world: World) -> None:
    access, refresh = pair(world)
    browser, page = world.http(), "/settings/apps/authorizations"
    assert browser.get(page).headers["location"].startswith("/login")
    browser.post("/login", data={"login": "researcher", "return_to": page})
    assert "Lockgate" in browser.get(page).text
    assert browser.post(page, data={"app": "lockgate"}).status_code == 303
    assert "Lockgate" not in browser.get(page).text
    assert not lives(world, access)
    assert renew(world, refresh)["error"] == "bad_refresh_token"


def test_a_suspended_person_can_do_nothing_and_is_let_in_again(world: World) -> None:
    _, refresh = pair(world)
    rest, account = world.person("researcher"), "/_standin/accounts/researcher"
    assert world.http().post(account, json={"suspended": True}).status_code == 200
    answer = refused(lambda: rest.repos.get(*HERE))
    assert (answer.status_code, answer.json()["message"]) == (403, "Sorry. Your account was suspended.")
    assert "403" in git(world.folder, "ls-remote", world.remote(PERSONAL["researcher"]), fails=True)
    assert renew(world, refresh)["error"] == "bad_refresh_token"
    assert world.http().post("/login", data={"login": "researcher"}).status_code == 403
    members = world.person("controller").teams.list_members_in_org(ORGANIZATION, "heart-researchers")
    assert "researcher" in {one.login for one in members.parsed_data}
    world.http().post(account, json={"suspended": False})
    assert rest.repos.get(*HERE).status_code == 200


def test_what_a_removed_person_made_is_the_ghosts(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    gone = world.person("researcher-2").pulls
    gone.create_review(*HERE, pull.number, event="APPROVE")
    world.person("researcher-2").issues.create_comment(*HERE, pull.number, body="Good")
    for login in ("researcher", "researcher-2"):
        assert world.http().delete(f"/_standin/accounts/{login}").status_code == 204
    assert refused(lambda: gone.get(*HERE, pull.number)).status_code == 401
    rest = world.person("controller")
    assert rest.pulls.get(*HERE, pull.number).parsed_data.user.id == GHOST.id == 10137
    (review,) = rest.pulls.list_reviews(*HERE, pull.number).parsed_data
    assert (review.state, review.user) == ("APPROVED", None)
    assert rest.issues.list_comments(*HERE, pull.number).parsed_data[0].user.login == "ghost"
    assert world.activity_of("change")[0].actor is None
    assert refused(lambda: rest.users.get_by_username("researcher")).status_code == 404
    assert refused(lambda: rest.users.get_by_id(1001)).status_code == 404
    members = rest.teams.list_members_in_org(ORGANIZATION, "heart-researchers").parsed_data
    assert members == []
    query = "{repository(owner: %s) {pullRequest(number: 1) {author {login} reviews(first: 1) {nodes {%s}}}}}"
    asked = query % ('"north-health", name: "heart-study"', "author {login} state")
    data = world.http("controller").post("/api/graphql", json={"query": asked}).json()["data"]
    (node,) = data["repository"]["pullRequest"]["reviews"]["nodes"]
    assert (data["repository"]["pullRequest"]["author"], node["author"]) == (None, None)


@pytest.mark.parametrize("said", [{}, {"suspended": "yes"}, {"login": ""}, {"suspended": True, "login": "x"}])
def test_what_cannot_be_done_to_an_account_is_refused(world: World, said: dict[str, Any]) -> None:
    assert world.http().post("/_standin/accounts/researcher", json=said).status_code == 422
    assert world.http().post("/_standin/accounts/nobody", json=said).status_code == 404


def test_an_account_that_owns_something_is_not_removed(world: World) -> None:
    assert world.http().delete(f"/_standin/accounts/{ORGANIZATION}").status_code == 422


def test_a_suspended_installation_opens_nothing(world: World) -> None:
    token, person = world.installation_token(), world.user_token("researcher")
    app = world.app().apps
    number = app.get_repo_installation(*HERE).parsed_data.id
    assert app.suspend_installation(number).status_code == 204
    assert app.get_installation(number).parsed_data.suspended_at is not None
    for act in (lambda: world.token(token).repos.get(*HERE), lambda: world.installation_token()):
        answer = refused(act)
        assert answer.status_code == 403
        assert answer.json()["message"] == "This installation has been suspended"
    assert refused(lambda: world.token(person).repos.get(*HERE)).status_code == 404
    assert app.unsuspend_installation(number).status_code == 204
    assert world.token(token).repos.get(*HERE).status_code == 200


def test_an_app_that_is_uninstalled_reaches_nothing_until_it_is_installed_again(world: World) -> None:
    token, app = world.installation_token(), world.app().apps
    before = app.get_repo_installation(*HERE).parsed_data.id
    assert app.delete_installation(before).status_code == 202
    assert refused(lambda: world.token(token).repos.get(*HERE)).status_code == 401
    assert refused(lambda: app.get_repo_installation(*HERE)).status_code == 404
    said = {"app": PORTAL_APP, "account": ORGANIZATION, "repositories": [REPOSITORY]}
    assert world.http().post("/_standin/installations", json=said).status_code == 201
    assert app.get_repo_installation(*HERE).parsed_data.id != before
    assert world.token(world.installation_token()).repos.get(*HERE).status_code == 200
    assert world.http().post("/_standin/installations", json=said).status_code == 422


def test_an_administrator_chooses_what_an_app_reaches(world: World) -> None:
    number = world.app().apps.get_repo_installation(*HERE).parsed_data.id
    elsewhere = world.site.repository_named(ORGANIZATION, "elsewhere")
    here = world.site.repository_named(*HERE)
    assert elsewhere is not None
    assert here is not None
    admin = world.person("maintainer").apps
    token = world.token(world.installation_token())
    assert refused(lambda: token.repos.get(ORGANIZATION, "elsewhere")).status_code == 404
    admin.add_repo_to_installation_for_authenticated_user(number, elsewhere.id)
    assert token.repos.get(ORGANIZATION, "elsewhere").status_code == 200
    admin.remove_repo_from_installation_for_authenticated_user(number, here.id)
    assert refused(lambda: token.repos.get(*HERE)).status_code == 404
    last = lambda: admin.remove_repo_from_installation_for_authenticated_user(number, elsewhere.id)  # noqa: E731
    assert refused(last).status_code == 422
    person = world.person("researcher").apps
    act = lambda: person.add_repo_to_installation_for_authenticated_user(number, here.id)  # noqa: E731
    assert refused(act).status_code == 404
