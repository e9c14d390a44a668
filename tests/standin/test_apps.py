"""Apps: their own signature, their installations, their tokens, and what these let them do."""

from __future__ import annotations

import pytest
import time_machine
from githubkit import TokenAuthStrategy

from tests.standin.seeded import HERE, NODE_APP, ORGANIZATION, PORTAL_APP, REPOSITORY, other_key, signed_jwt
from tests.standin.world import World, refused


def test_an_app_knows_itself(world: World) -> None:
    app = world.app().apps.get_authenticated().parsed_data
    assert (app.id, app.slug, app.client_id) == (PORTAL_APP, "lockgate", "Iv1.lockgate")
    assert app.permissions.contents == "write"


@pytest.mark.parametrize(
    "changed",
    [{"age": 3600}, {"life": 3600}, {"issuer": 9999}, {"key": "other"}, {"issuer": "nobody"}],
    ids=["expired", "too long", "unknown", "wrong key", "no number"],
)
def test_a_signature_that_is_not_right_is_401(world: World, changed: dict[str, int | str]) -> None:
    if changed.get("key"):
        changed = {"key": other_key()}
    headers = {"authorization": f"Bearer {signed_jwt(**changed)}"}  # type: ignore[arg-type]
    assert world.http(headers=headers).get("/api/v3/app").status_code == 401


def test_an_app_may_sign_with_its_client_id(world: World) -> None:
    headers = {"authorization": f"Bearer {signed_jwt(issuer='Iv1.lockgate')}"}
    assert world.http(headers=headers).get("/api/v3/app").json()["id"] == PORTAL_APP


def test_a_signature_opens_the_app_and_no_repository(world: World) -> None:
    http = world.http(headers={"authorization": f"Bearer {signed_jwt()}"})
    assert http.get(f"/api/v3/repos/{'/'.join(HERE)}").status_code == 404
    assert refused(lambda: world.person("maintainer").apps.get_authenticated()).status_code == 401


def test_installations_are_found_by_list_organisation_and_repository(world: World) -> None:
    rest = world.app().apps
    (listed,) = rest.list_installations().parsed_data
    assert (listed.account.login, listed.repository_selection) == (ORGANIZATION, "selected")
    assert rest.get_org_installation(ORGANIZATION).parsed_data.id == listed.id
    assert rest.get_repo_installation(*HERE).parsed_data.id == listed.id
    assert refused(lambda: rest.get_repo_installation(ORGANIZATION, "elsewhere")).status_code == 404
    assert refused(lambda: world.app(NODE_APP).apps.get_installation(listed.id)).status_code == 404


def test_a_token_reaches_the_repositories_of_its_installation_alone(world: World) -> None:
    rest = world.installation()
    assert [r.name for r in rest.apps.list_repos_accessible_to_installation().parsed_data.repositories] == [
        REPOSITORY
    ]
    assert rest.repos.get(*HERE).parsed_data.private
    assert refused(lambda: rest.repos.get(ORGANIZATION, "elsewhere")).status_code == 404


def test_a_token_can_be_narrowed_and_not_widened(world: World) -> None:
    rest = world.app().apps
    number = rest.get_repo_installation(*HERE).parsed_data.id
    asked = {"repositories": [REPOSITORY], "permissions": {"contents": "read"}}
    made = rest.create_installation_access_token(number, data=asked).parsed_data
    assert made.permissions.contents == "read"
    assert [r.name for r in made.repositories] == [REPOSITORY]
    narrow = world.token(made.token)
    assert narrow.repos.get_content(*HERE, "README.md").status_code == 200
    assert refused(lambda: narrow.git.create_blob(*HERE, content="x")).status_code == 403
    assert refused(lambda: narrow.pulls.list(*HERE)).status_code == 403
    for wider in ({"permissions": {"administration": "write"}}, {"repositories": ["elsewhere"]}):
        answer = refused(lambda wider=wider: rest.create_installation_access_token(number, data=wider))
        assert answer.status_code == 422


def test_a_token_ends_after_an_hour(world: World) -> None:
    rest = world.token(world.installation_token())
    assert rest.repos.get(*HERE).status_code == 200
    with time_machine.travel("2099-01-01T00:00:00Z", tick=True):
        assert refused(lambda: rest.repos.get(*HERE)).status_code == 401


def test_a_token_that_was_given_back_is_worth_nothing(world: World) -> None:
    rest = world.token(world.installation_token())
    assert rest.apps.revoke_installation_access_token().status_code == 204
    assert refused(lambda: rest.repos.get(*HERE)).status_code == 401


def test_an_app_is_not_a_person(world: World) -> None:
    assert refused(lambda: world.installation().users.get_authenticated()).status_code == 403


def test_what_an_app_opens_is_its_bots(world: World) -> None:
    world.branch("change", {"new.txt": "fresh\n"})
    rest = world.installation(NODE_APP).pulls
    pull = rest.create(*HERE, title="Results", head="change", base="main").parsed_data
    assert (pull.user.login, pull.user.id, pull.user.type) == ("lockgate-north[bot]", 4002, "Bot")
    answer = refused(lambda: rest.create_review(*HERE, pull.number, event="APPROVE"))
    assert answer.status_code == 422


def test_an_app_of_one_permission_does_not_do_the_work_of_another(world: World) -> None:
    sha = world.branch("change", {"new.txt": "fresh\n"})
    node = world.installation(NODE_APP)
    data = {"name": "lockgate/policy", "head_sha": sha, "conclusion": "success"}
    assert refused(lambda: node.checks.create(*HERE, data=data)).status_code == 403


def test_a_token_unknown_to_githubkit_is_refused_by_name(world: World) -> None:
    rest = world.client(TokenAuthStrategy("ghp_unknown")).rest("2026-03-10")
    answer = refused(lambda: rest.users.get_authenticated())
    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")
