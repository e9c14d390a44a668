"""What no other test asks for or listens to is as GitHub describes it too: the plugin checks each answer."""

from __future__ import annotations

import pytest

from standins.github.store import App, Delivery
from tests.standin.conftest import begun, world
from tests.standin.world import FULL_NAME, HERE, ORGANIZATION, PORTAL_APP, World, refused
from tests.standin_actions.conftest import ear
from tests.standin_actions.ears import Ear
from tests.standin_actions.test_webhooks import subscribe

__all__ = ["begun", "ear", "world"]
REPO = f"/repos/{FULL_NAME}"
READABLE = [
    "/meta",
    "/rate_limit",
    "/user/orgs",
    "/user/repos",
    "/apps/lockgate",
    f"/orgs/{ORGANIZATION}/repos",
    f"/orgs/{ORGANIZATION}/teams/maintainers/repos",
    f"{REPO}/collaborators",
    f"{REPO}/collaborators/maintainer",
    f"{REPO}/teams",
]


@pytest.mark.parametrize("path", READABLE)
def test_a_maintainer_reads(world: World, path: str) -> None:
    answer = world.http("maintainer").get(f"/api/v3{path}")
    assert answer.status_code in (200, 204), answer.text


def test_a_blob_a_comment_and_a_merge_are_read(world: World) -> None:
    pull, person = world.pull("proposal", {"new.txt": "new\n"}), world.person("researcher")
    comment = person.issues.create_comment(*HERE, pull.number, body="Look").parsed_data
    assert person.issues.get_comment(*HERE, comment.id).parsed_data.body == "Look"
    blob = person.git.create_blob(*HERE, content="text").parsed_data.sha
    assert person.git.get_blob(*HERE, blob).parsed_data.size == 4
    assert refused(lambda: person.pulls.check_if_merged(*HERE, pull.number)).status_code == 404
    world.person("maintainer").pulls.merge(*HERE, pull.number)
    assert person.pulls.check_if_merged(*HERE, pull.number).status_code == 204


def test_an_app_reads_what_it_is_and_what_it_told(world: World, ear: Ear) -> None:
    subscribe(world, ear)
    world.pull("proposal", {"new.txt": "new\n"})
    ear.wait("pull_request opened")
    app = world.app(PORTAL_APP).apps
    installation = app.get_org_installation(ORGANIZATION).parsed_data.id
    assert app.get_installation(installation).parsed_data.app_id == PORTAL_APP
    delivery = app.list_webhook_deliveries().parsed_data[0]
    assert app.get_webhook_delivery(delivery.id).parsed_data.guid == delivery.guid
    person = world.token(world.user_token("maintainer")).apps
    assert person.list_installations_for_authenticated_user().parsed_data.total_count == 1


def test_whatever_an_app_can_hear_is_told_as_github_tells_it(world: World, ear: Ear) -> None:
    store = world.site.store
    subscribe(world, ear, events=["team", "member", "organization", "issue_comment", "pull_request_review"])
    app = store.get(App, PORTAL_APP)
    store.update(app, permissions={**app.permissions, "members": "read"})
    maintainer = world.person("maintainer")
    people, pulls = maintainer.orgs, maintainer.pulls
    people.set_membership_for_user(ORGANIZATION, "outsider", role="member")
    people.remove_membership_for_user(ORGANIZATION, "outsider")
    maintainer.teams.create(ORGANIZATION, name="guests")
    maintainer.teams.add_or_update_repo_permissions_in_org(ORGANIZATION, "guests", *HERE, permission="pull")
    maintainer.teams.remove_repo_in_org(ORGANIZATION, "guests", *HERE)
    maintainer.repos.add_collaborator(*HERE, "outsider", permission="pull")
    maintainer.repos.remove_collaborator(*HERE, "outsider")
    pull = world.pull("proposal", {"new.txt": "new\n"})
    comment = maintainer.issues.create_comment(*HERE, pull.number, body="Look").parsed_data
    maintainer.issues.update_comment(*HERE, comment.id, body="Look again")
    maintainer.issues.delete_comment(*HERE, comment.id)
    review = pulls.create_review(*HERE, pull.number, event="APPROVE").parsed_data
    pulls.dismiss_review(*HERE, pull.number, review.id, message="Moved on")
    told = {f"{row.event} {row.action}" for row in store.find(Delivery)}
    assert told == {
        "organization member_added",
        "organization member_removed",
        "team created",
        "team added_to_repository",
        "team removed_from_repository",
        "member added",
        "member removed",
        "issue_comment created",
        "issue_comment edited",
        "issue_comment deleted",
        "pull_request_review submitted",
        "pull_request_review dismissed",
    }
